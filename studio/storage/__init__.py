"""WHERE things are kept: database, picture files, token, settings. No Qt, no network."""
