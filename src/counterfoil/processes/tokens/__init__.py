"""Who comes to hold which roles."""
