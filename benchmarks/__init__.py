"""Measurements of speed, memory, realism and the quality check: `make bench`, or one by `python -m benchmarks.NAME`."""
