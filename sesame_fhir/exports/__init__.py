"""Documents and files made from the pathway."""
