"""Tests of `benchmarks.networks`."""
