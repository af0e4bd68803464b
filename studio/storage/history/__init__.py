"""Conversations and messages in the database, and how they are listed and found."""
