"""Programs to start from, each in a folder of its own."""
