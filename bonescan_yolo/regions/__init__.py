"""The regions of the skeleton: their names, and where findings are."""
