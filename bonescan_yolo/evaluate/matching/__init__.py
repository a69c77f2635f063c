"""Which boxes hit which true boxes, scan by scan."""
