"""Measurements of speed, memory, realism and the quality check: `make bench`, or `python -m benchmarks.NAME`."""
