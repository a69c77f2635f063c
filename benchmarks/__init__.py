"""Measurements of speed, memory and realism: `make bench`, or one at a time with `python -m benchmarks.NAME`."""
