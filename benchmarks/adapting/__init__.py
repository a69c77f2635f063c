"""Adapting to a second simulated hospital: what a few of its scans are worth."""
