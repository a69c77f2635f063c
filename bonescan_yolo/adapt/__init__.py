"""Adapting the weights to the few annotated scans of one hospital: training, an honest figure, and the result."""
