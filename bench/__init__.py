"""Benchmarks. Each module measures one thing and prints it from `main()`; `make bench` runs them all."""
