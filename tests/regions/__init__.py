"""Tests of the skeleton's regions."""
