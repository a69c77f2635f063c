"""Find hot spots on whole-body bone scans and say which are abnormal.

from bonescan_yolo import Detector
readings = Detector()("scan.png")
"""

from __future__ import annotations

from bonescan_yolo.version import __version__

TYPE_CHECKING = False
"""As in `typing`, whose import takes long enough to be interrupted before anything catches that."""

if TYPE_CHECKING:
    from typing import Any

    from bonescan_yolo.errors import BonescanError, DatasetError, ModelError, OutputError, ScanError, SettingsError
    from bonescan_yolo.model.detector import Detector, Reading
    from bonescan_yolo.model.thresholds import Thresholds
    from bonescan_yolo.scan import Scan, read_scans

__all__ = [
    "BonescanError",
    "DatasetError",
    "Detector",
    "ModelError",
    "OutputError",
    "Reading",
    "Scan",
    "ScanError",
    "SettingsError",
    "Thresholds",
    "__version__",
    "read_scans",
]

_HOMES = {
    "BonescanError": "bonescan_yolo.errors",
    "DatasetError": "bonescan_yolo.errors",
    "ModelError": "bonescan_yolo.errors",
    "OutputError": "bonescan_yolo.errors",
    "ScanError": "bonescan_yolo.errors",
    "SettingsError": "bonescan_yolo.errors",
    "Detector": "bonescan_yolo.model.detector",
    "Reading": "bonescan_yolo.model.detector",
    "Thresholds": "bonescan_yolo.model.thresholds",
    "Scan": "bonescan_yolo.scan",
    "read_scans": "bonescan_yolo.scan",
}


def __getattr__(name: str) -> Any:
    """Import a name on first use, so that a command without onnxruntime does not wait for it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
