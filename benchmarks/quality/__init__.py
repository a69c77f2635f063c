"""How well the check of a scan's quality knows scans from other pictures: `python -m benchmarks.quality`."""
