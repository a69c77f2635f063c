"""Trained weights become ONNX files, each checked against what it was made from; `exporting.export` is the way in."""
