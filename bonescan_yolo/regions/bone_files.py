"""Files of bones: the masks that the simulator writes, and the maps that a converted data set holds.

Both are NumPy archives, not pictures, so that nothing that looks for scans takes them for one.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.errors import DatasetError
from bonescan_yolo.files import read_regular
from bonescan_yolo.regions.region_map import BoneMap
from bonescan_yolo.regions.region_names import BONES

SUFFIX: Final = ".npz"

KEYS: Final = [bone.key for bone in BONES]
"""What a file says of its bones."""


FORMS: Final = {"masks": (3, np.uint8), "sites": (2, np.bool_), "map": (3, np.uint8)}
"""Axes and type of each array of a file."""


def encode_masks(masks: NDArray[np.bool_], sites: NDArray[np.bool_]) -> bytes:
    """Return the content of a file of masks.

    Args:
        masks: (bones, height, width), in the order of BONES; the width is a multiple of 8.
        sites: (boxes, bones), which bones the hot spots of each box are in, in the order of the scan's boxes.

    Returns:
        A NumPy archive with `names`, (bones,) text; `masks`, (bones, height, width / 8) uint8: eight pixels per byte,
        the leftmost in the highest bit; and `sites`.
    """
    return _encoded(masks=np.packbits(masks, axis=-1), sites=sites)


def decode_masks(content: bytes, name: str) -> NDArray[np.bool_]:
    """Return the masks of a file, (bones, height, width), in the order of BONES.

    Raises:
        DatasetError: it holds no masks, or those of other bones; the message begins with `name`.
    """
    return np.unpackbits(_decoded(content, "masks", name), axis=-1).astype(bool)


def decode_sites(content: bytes, name: str) -> NDArray[np.bool_]:
    """Return the sites of a file of masks, (boxes, bones).

    Raises:
        DatasetError: it holds none, or those of other bones; the message begins with `name`.
    """
    return _decoded(content, "sites", name).astype(bool)


def encode_map(bones: BoneMap) -> bytes:
    """Return the content of a file of a map: a NumPy archive with `names`, (bones,) text, and `map`."""
    return _encoded(map=bones)


def read_map(path: Path) -> BoneMap:
    """Return the map of a file.

    Raises:
        DatasetError: it cannot be read, or is of other bones.
    """
    try:
        content = read_regular(path)
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read ({error.strerror}); convert the scans again") from error
    return _decoded(content, "map", str(path))


def _encoded(**arrays: NDArray[Any]) -> bytes:
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, names=np.array(KEYS), **arrays)
    return content.getvalue()


def _decoded(content: bytes, key: str, name: str) -> NDArray[Any]:
    """Return an array of a file."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            names, values = archive["names"].tolist(), archive[key]
    except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile) as error:
        raise DatasetError(
            f"{name}: holds no bones: {error}; write it again with `bonescan simulate --regions`"
        ) from error
    if names != KEYS:
        raise DatasetError(f"{name}: has the bones of another version; simulate again with --regions")
    if (values.ndim, values.dtype) != FORMS[key]:
        raise DatasetError(f"{name}: holds no bones of the right kind; simulate again with --regions")
    return np.asarray(values)
