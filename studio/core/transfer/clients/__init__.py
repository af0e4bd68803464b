"""How other programs write their conversations: a small reader for each, one form between."""
