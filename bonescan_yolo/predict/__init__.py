"""Reading many scans into result files: `python -m bonescan_yolo.predict`."""
