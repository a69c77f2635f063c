"""The names of regions and bones."""

from __future__ import annotations

from collections import Counter

from bonescan_yolo.regions.region_names import BONES, NUMBERED, REGIONS, NamedBone


def test_every_region_is_there_once_and_its_bones_are_counted() -> None:
    assert len(REGIONS) == len(set(REGIONS)) == 7 + 2 * 11
    counted = Counter(bone.region for bone in BONES)
    assert counted == {region: NUMBERED.get(region, 1) for region in REGIONS}
    assert len({bone.key for bone in BONES}) == len(BONES) == 25 + 12 + 5 + 24


def test_keys() -> None:
    assert NamedBone("left_ribs", 7).key == "left_ribs_7"
    assert NamedBone("skull").key == "skull"
