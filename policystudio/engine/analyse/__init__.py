"""Questions about sets of requests: what a change changes, what could be left out, what would help."""
