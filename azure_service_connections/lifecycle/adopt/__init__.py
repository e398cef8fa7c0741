"""Takes connections that exist into a stack, with everything that belongs to them."""
