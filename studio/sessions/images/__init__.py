"""Pictures from words while they are made, and those that were made."""
