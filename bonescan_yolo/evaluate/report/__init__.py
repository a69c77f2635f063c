"""An evaluation as a page, tables and JSON."""
