"""Are the reasons true? Wrong modules from outside the bank of known mistakes, and what a reader said of their reasons."""
