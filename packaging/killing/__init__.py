"""Programs that are killed in the middle of their work, and those who look what is left."""
