"""WHAT things are: pure Python values, without Qt, network or disk."""
