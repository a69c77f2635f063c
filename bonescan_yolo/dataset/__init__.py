"""The converted data set: what `convert` writes and training and evaluation read."""
