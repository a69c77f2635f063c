"""DICOM of nuclear medicine: from the bytes of a file to scans."""
