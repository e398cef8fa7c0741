"""Does what a plan says, keeps a journal of it, and knows the way back."""
