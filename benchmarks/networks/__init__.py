"""Experiments on the shipped network: which layers, which losses (docs/research/experiments/regions.md)."""
