"""Many scans become files: `python -m bonescan_yolo.predict`."""
