"""The kinds of ONNX files."""
