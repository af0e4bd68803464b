"""The sidebar: conversations, folders, search and trash."""
