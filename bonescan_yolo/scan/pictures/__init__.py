"""PNG, JPEG, TIFF and BMP: from the bytes of a file to scans, and back to a grey PNG."""
