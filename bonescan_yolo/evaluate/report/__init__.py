"""The outputs of an evaluation: `report_files` writes all of them."""
