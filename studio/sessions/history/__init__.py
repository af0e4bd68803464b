"""The history as a list: its rows, what a search finds, the trash."""
