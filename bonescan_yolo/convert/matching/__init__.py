"""Which image an annotation belongs to."""
