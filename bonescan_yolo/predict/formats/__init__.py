"""The output formats of `predict`, one module each."""
