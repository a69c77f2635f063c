"""The steps before and after the network as ONNX nodes; each module names its numpy twin, and tests compare the two."""
