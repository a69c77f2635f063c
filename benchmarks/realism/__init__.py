"""How alike real and simulated scans are: each module is run as `python -m benchmarks.realism.NAME`."""
