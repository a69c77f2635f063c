"""View, patient, study and date of a scan, from names and texts."""
