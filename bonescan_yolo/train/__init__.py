"""Fine-tuning YOLOv8 on scans, with Ultralytics."""
