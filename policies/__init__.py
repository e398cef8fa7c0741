"""What must hold for service connections to Azure, whichever program makes them."""
