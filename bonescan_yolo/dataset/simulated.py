"""How simulated scans are recognised: the simulator writes it, the converter and the benchmarks read it."""

from typing import Final

RECORD_NAME: Final = "phantom.json"
"""Marks a folder as simulated; holds seed, number of studies, version and parameters."""

TITLE: Final = "simulated scans (bonescan_yolo.phantom)"
"""The data set in words."""

MASK_FOLDER: Final = "masks"
REGION_FOLDER: Final = "regions"
OTHER_FOLDERS: Final = frozenset({MASK_FOLDER, REGION_FOLDER})
"""Folders beside the scans: pixels of the hot spots, and which bones are under each pixel."""
