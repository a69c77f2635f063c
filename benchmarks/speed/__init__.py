"""Benchmarks of speed; run each as `python -m benchmarks.speed.NAME`."""
