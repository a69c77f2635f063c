"""What `predict` writes: one module a format."""
