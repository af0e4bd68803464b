"""The settings, page by page, and the forms for tokens and hosts."""
