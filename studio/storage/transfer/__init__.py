"""Conversations out of the database and into it: exports, imports, full copies."""
