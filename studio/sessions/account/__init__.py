"""The token, the credits, and the servers that are talked to."""
