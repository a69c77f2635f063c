"""Writing ONNX files of trained weights: `stock`, `app` and `int8`."""
