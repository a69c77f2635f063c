"""What must not change while the code is moved about: boxes, files, exit codes."""
