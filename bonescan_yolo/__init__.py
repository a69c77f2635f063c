"""Find hot spots on whole-body bone scans and say which are abnormal."""
