"""What a reader would mark on a simulated scan."""
