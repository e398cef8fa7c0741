"""What exists: service connections, their identities and all that belongs to them; read, never changed."""
