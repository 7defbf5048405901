"""Pages by room."""
