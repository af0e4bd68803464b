"""Exports and imports as the user orders them."""
