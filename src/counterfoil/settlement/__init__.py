"""Instructions, matching, delivery against payment, the settlement day."""
