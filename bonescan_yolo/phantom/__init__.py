"""Simulated whole-body bone scans with exact boxes: patient, disease, camera, and BS-80K's own layout."""
