"""Where a run keeps the maps of bones that its start weights gave (`train.start_bones`)."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from bonescan_yolo.regions.bone_files import SUFFIX

KEPT_FOLDER: Final = "bones"
"""Below the run's."""

NAME_DIGITS: Final = 16
"""Of a hash in a file's name: 64 bits."""


def kept_map_path(folder: Path, image: Path) -> Path:
    """Return the file of the map of a scan in a run's KEPT_FOLDER; scans in several folders may have one name."""
    named = hashlib.sha256(str(image.absolute()).encode(errors="surrogateescape")).hexdigest()[:NAME_DIGITS]
    return folder / f"{named}{SUFFIX}"
