"""A plan carried out: connections converted or moved, proven, and what is old retired; and back."""
