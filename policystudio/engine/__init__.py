"""The policy engine: pure, exact and free of any framework."""
