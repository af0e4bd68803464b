"""Markdown as models write it: what a growing text shows, as plain values."""
