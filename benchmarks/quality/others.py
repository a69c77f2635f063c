"""Pictures that others publish: photographs and samples of scikit-image, DICOM files of pydicom."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.errors import InvalidDicomError

from benchmarks.quality.shifts import Pixels

PHOTOGRAPHS = (
    "astronaut.png",
    "brick.png",
    "camera.png",
    "cell.png",
    "chelsea.png",
    "chessboard_GRAY.png",
    "clock_motion.png",
    "coffee.png",
    "coins.png",
    "grass.png",
    "gravel.png",
    "horse.png",
    "hubble_deep_field.jpg",
    "ihc.png",
    "logo.png",
    "microaneurysms.png",
    "moon.png",
    "motorcycle_left.png",
    "page.png",
    "phantom.png",
    "retina.jpg",
    "rocket.jpg",
    "text.png",
)
"""Files that scikit-image brings along."""

DICOM_FILES = (
    "CT_small.dcm",
    "MR_small.dcm",
    "693_J2KI.dcm",
    "ExplVR_BigEnd.dcm",
    "JPEGLSNearLossless_16.dcm",
    "SC_rgb_small_odd.dcm",
    "liver_1frame.dcm",
    "rtdose_1frame.dcm",
    "examples_rgb_color.dcm",
    "examples_palette.dcm",
    "examples_overlay.dcm",
    "image_dfl.dcm",
)
"""Images of pydicom's test data that are no bone scans."""


def photographs() -> Iterator[tuple[str, Pixels]]:
    """Yield the samples of scikit-image as grey pictures; none where it is not installed."""
    found = find_spec("skimage")
    if found is None or not found.submodule_search_locations:
        return
    folder = Path(found.submodule_search_locations[0]) / "data"
    for name in PHOTOGRAPHS:
        if (folder / name).is_file():
            yield f"scikit-image: {name}", np.asarray(Image.open(folder / name).convert("L"))


def dicom_pictures() -> Iterator[tuple[str, Pixels]]:
    """Yield the first frames of pydicom's files as grey values; those that need a decoder or the network are not."""
    for name in DICOM_FILES:
        path = get_testdata_file(name, download=False)
        if not isinstance(path, str):
            continue
        try:
            values = dcmread(path).pixel_array
        except (InvalidDicomError, AttributeError, RuntimeError, NotImplementedError, ValueError):
            continue
        while values.ndim > 3 or (values.ndim == 3 and values.shape[-1] not in (3, 4)):
            values = values[0]
        grey = values.mean(axis=-1).astype(np.float32) if values.ndim == 3 else values
        if min(grey.shape) >= 32:
            yield f"pydicom: {name}", grey
