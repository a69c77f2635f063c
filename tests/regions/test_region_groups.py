"""The groups of regions."""

from __future__ import annotations

import pytest

from bonescan_yolo.regions.region_groups import GROUPS, LIMBS, group_of
from bonescan_yolo.regions.region_names import MIDLINE, PAIRED, REGIONS


def test_every_region_is_in_one_group() -> None:
    assert sorted(part for members in GROUPS.values() for part in members) == sorted((*MIDLINE, *PAIRED))
    assert {group_of(region) for region in REGIONS} == set(GROUPS)


@pytest.mark.parametrize(
    ("region", "group"),
    [
        ("skull", "head"),
        ("lumbar_spine", "spine"),
        ("left_ribs", "chest"),
        ("sternum", "chest"),
        ("sacrum", "pelvis"),
        ("right_femur", LIMBS),
        ("left_hand", LIMBS),
    ],
)
def test_some_regions(region: str, group: str) -> None:
    assert group_of(region) == group
