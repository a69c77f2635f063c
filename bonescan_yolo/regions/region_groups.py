"""The five groups of regions by which sites are counted: head, spine, chest, pelvis, limbs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bonescan_yolo.regions.region_names import MIDLINE, PAIRED, without_side

TRUNK: Final[Mapping[str, tuple[str, ...]]] = {
    "head": ("skull", "face"),
    "spine": ("cervical_spine", "thoracic_spine", "lumbar_spine"),
    "chest": ("sternum", "clavicle", "scapula", "ribs"),
    "pelvis": ("sacrum", "pelvis"),
}
"""All groups except the limbs, as regions without their sides. The sacrum is part of the ring of the pelvis."""

LIMBS: Final = "limbs"

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    **TRUNK,
    LIMBS: tuple(part for part in (*MIDLINE, *PAIRED) if not any(part in members for members in TRUNK.values())),
}
"""Each group with its regions, without their sides; every region is in one."""


def group_of(region: str) -> str:
    """Return the group of one of REGIONS."""
    part, _ = without_side(region)
    return next(group for group, members in GROUPS.items() if part in members)
