"""Laws of the engine, on random input."""
