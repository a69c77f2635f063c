"""The kinds of ONNX files: stock (as Ultralytics has it), app (self-contained), int8; and half, weights in 16 bit."""
