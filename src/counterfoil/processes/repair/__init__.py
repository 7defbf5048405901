"""What persons set right in processes that have gone wrong."""
