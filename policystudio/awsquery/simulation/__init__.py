"""AWS's policy simulator: what its requests mean to the engine, and what the engine's decisions are called there."""
