"""What exists: service connections, their identities and everything that belongs to them, read and never changed."""
