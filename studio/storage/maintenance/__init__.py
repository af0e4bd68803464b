"""What is cleared up, and what is saved out of a damaged database."""
