"""How fast: each module is run as `python -m benchmarks.speed.NAME`."""
