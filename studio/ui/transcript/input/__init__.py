"""Pointer, keys, selection and finding in the transcript."""
