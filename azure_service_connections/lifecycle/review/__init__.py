"""Says in a few lines what a preview would change in who can do what."""
