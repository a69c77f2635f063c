"""Tests of the benchmark of bones and sites."""
