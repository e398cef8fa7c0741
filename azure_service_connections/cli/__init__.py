"""The `connections` command: a thin layer over the lifecycle and the sandbox."""
