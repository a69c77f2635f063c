"""Maps of bones: parts of cells, and mirrors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonescan_yolo.regions.region_map import OTHER_SIDE, STRIDE, WHOLE, bone_map, mirror
from bonescan_yolo.regions.region_names import BONES, REGIONS, mirrored


def index(key: str) -> int:
    return [bone.key for bone in BONES].index(key)


def test_a_cell_is_the_part_that_is_covered() -> None:
    masks = np.zeros((len(BONES), 8, 12), bool)
    masks[2, :4, 4:8] = True
    masks[2, 4, 0] = True
    found = bone_map(masks)
    assert found.shape == (2, 3, len(BONES))
    assert found[..., 2].tolist() == [[0, WHOLE, 0], [round(WHOLE / STRIDE**2), 0, 0]]
    assert not found[..., 3].any()


@given(st.integers(0, 2**32 - 1))
def test_a_mirror_of_a_mirror_is_the_map(seed: int) -> None:
    masks = np.random.default_rng(seed).random((len(BONES), 8, 16)) < 0.5
    found = bone_map(masks)
    assert np.array_equal(mirror(mirror(found)), found)


def test_a_mirror_swaps_sides_and_keeps_numbers() -> None:
    assert OTHER_SIDE[index("left_ribs_7")] == index("right_ribs_7")
    assert OTHER_SIDE[index("sacrum")] == index("sacrum")
    masks = np.zeros((len(BONES), 8, 16), bool)
    masks[index("left_hand"), :4, :4] = True
    found = mirror(bone_map(masks))
    assert found[0, :, index("right_hand")].tolist() == [0, 0, 0, WHOLE]
    assert found.sum() == WHOLE


@pytest.mark.parametrize("region", REGIONS)
def test_mirrored_names_are_regions(region: str) -> None:
    assert mirrored(region) in REGIONS
    assert mirrored(mirrored(region)) == region
