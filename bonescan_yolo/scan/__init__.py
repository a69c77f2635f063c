"""Reading scans: the only place where image files and DICOM become `Scan` records."""

from bonescan_yolo.scan.read import read_scans
from bonescan_yolo.scan.record import Scan
from bonescan_yolo.scan.view import VIEWS, View

__all__ = ["VIEWS", "Scan", "View", "read_scans"]
