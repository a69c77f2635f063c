"""Writing results of many files: folders that appear whole, one process per output, files that grow during a run."""
