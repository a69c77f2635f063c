"""What is wrong with boxes and scans before they are written."""
