"""Questions about sets of requests."""
