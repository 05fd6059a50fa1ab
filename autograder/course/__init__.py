"""The course as files: what exercises there are, stubs made from solutions, the bank of known mistakes."""
