"""The database file: one connection, its schema, how it is opened, copied and moved."""
