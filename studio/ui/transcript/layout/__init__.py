"""What a message is made of, where it lies, and how high it is."""
