"""Files of bones: what was written is read, and other files are refused in one line."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bonescan_yolo.errors import DatasetError
from bonescan_yolo.regions.bone_files import decode_masks, decode_sites, encode_map, encode_masks, read_map
from bonescan_yolo.regions.region_map import bone_map
from bonescan_yolo.regions.region_names import BONES

NO_BOXES = np.zeros((0, len(BONES)), bool)


@pytest.fixture
def masks() -> NDArray[np.bool_]:
    return np.random.default_rng(0).random((len(BONES), 8, 16)) < 0.3


def test_masks_come_back(masks: NDArray[np.bool_]) -> None:
    content = encode_masks(masks, NO_BOXES)
    assert np.array_equal(decode_masks(content, "1.npz"), masks)
    assert encode_masks(masks, NO_BOXES) == content


def test_numpy_alone_reads_one_bone(masks: NDArray[np.bool_]) -> None:
    content = np.load(io.BytesIO(encode_masks(masks, NO_BOXES)))
    index = content["names"].tolist().index("left_ribs_7")
    assert np.array_equal(np.unpackbits(content["masks"][index], axis=-1), masks[index])


def test_sites_come_back(masks: NDArray[np.bool_]) -> None:
    sites = np.random.default_rng(1).random((3, len(BONES))) < 0.1
    assert np.array_equal(decode_sites(encode_masks(masks, sites), "1.npz"), sites)
    with pytest.raises(DatasetError, match=r"1\.npz: holds no bones"):
        decode_sites(encode_map(bone_map(masks)), "1.npz")


def test_maps_come_back(masks: NDArray[np.bool_], tmp_path: Path) -> None:
    path = tmp_path / "1.npz"
    path.write_bytes(encode_map(bone_map(masks)))
    assert np.array_equal(read_map(path), bone_map(masks))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not an archive"])
def test_other_files_are_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"1\.npz: holds no bones"):
        decode_masks(content, "1.npz")
    (tmp_path / "1.npz").write_bytes(content)
    with pytest.raises(DatasetError, match=r"1\.npz: holds no bones"):
        read_map(tmp_path / "1.npz")


def test_masks_are_no_map_and_what_is_missing_is_named(masks: NDArray[np.bool_], tmp_path: Path) -> None:
    path = tmp_path / "1.npz"
    with pytest.raises(DatasetError, match=r"1\.npz: cannot be read"):
        read_map(path)
    path.write_bytes(encode_masks(masks, NO_BOXES))
    with pytest.raises(DatasetError, match=r"1\.npz: holds no bones"):
        read_map(path)


@pytest.mark.parametrize(
    ("names", "masks", "message"),
    [
        (["skull"], np.zeros((1, 4, 1), np.uint8), "bones of another version"),
        ([bone.key for bone in BONES], np.zeros((len(BONES), 4), np.uint8), "right kind"),
        ([bone.key for bone in BONES], np.zeros((len(BONES), 4, 1), np.float32), "right kind"),
    ],
)
def test_other_bones_are_refused(names: list[str], masks: NDArray[np.generic], message: str) -> None:
    content = io.BytesIO()
    np.savez(content, names=np.array(names), masks=masks)
    with pytest.raises(DatasetError, match=message):
        decode_masks(content.getvalue(), "1.npz")
