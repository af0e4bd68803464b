"""HOW to talk to a service: asynchronous, without Qt or disk."""
