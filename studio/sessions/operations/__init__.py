"""Long pieces of work with the data: exports, backups, moves."""
