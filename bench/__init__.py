"""Benchmarks: every number that the design promises, measured and written down. `make bench` runs them."""
