"""A scan becomes boxes: the model file, its description, and the detector that reads with it."""
