"""Pictures as files: decoded with suspicion, prepared, kept, and their rows."""
