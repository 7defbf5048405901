"""XML to types and back, one module for each message."""
