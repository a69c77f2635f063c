"""Reading scans: only this package turns image files and DICOM into `Scan` records."""

from bonescan_yolo.scan.identity.names import VIEWS, View
from bonescan_yolo.scan.read import ReadOptions, decode_scans, read_scans
from bonescan_yolo.scan.record import Scan

__all__ = ["VIEWS", "ReadOptions", "Scan", "View", "decode_scans", "read_scans"]
