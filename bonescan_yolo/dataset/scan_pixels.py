"""The pixels of a scan of a data set, as prediction sees them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.errors import DatasetError, ScanError
from bonescan_yolo.scan import read_scans


def read_grey(path: Path, shape: tuple[int, int] | None = None) -> NDArray[np.uint8]:
    """Return the grey levels (height, width) that prediction sees in a file.

    Args:
        path: of the file.
        shape: height and width that its labels are fractions of, with EXIF's orientation applied; None if that is not
            known.

    Raises:
        DatasetError: the file cannot be read, holds several scans, or had to be turned, so that its labels do not
            fit it.
    """
    advice = "run `bonescan convert yolo` on the data set and train on what it writes"
    try:
        scans = read_scans(path)
    except ScanError as error:
        raise DatasetError(str(error)) from error
    if len(scans) != 1:
        raise DatasetError(f"{path}: holds {len(scans)} scans; {advice}")
    grey = scans[0].grey()
    if shape is not None and grey.shape != tuple(shape):
        raise DatasetError(f"{path}: is turned when it is read, and its labels would not fit; {advice}")
    return grey
