"""What `predict` writes: one module per format."""
