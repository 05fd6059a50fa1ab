"""The report on an appeal: one check of one submission, call by call, as text and as a page. It is for teachers."""
