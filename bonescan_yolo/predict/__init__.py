"""Reading many scans into result files: `bonescan predict`."""
