"""Moda Studio: a native desktop studio for ModelScope's open models."""

__version__ = "0.1.0"
