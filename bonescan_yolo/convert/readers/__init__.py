"""Annotation formats: each reader turns a source into a `Survey`."""
