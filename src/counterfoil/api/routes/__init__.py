"""Routes by room."""
