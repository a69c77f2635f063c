"""The names of the skeleton's regions, and of the single bones that have numbers.

Left and right are the patient's. A region's name is a key (`left_ribs`); `site_words` makes it
readable (`left ribs`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Side = Literal["left", "right"]

SIDES: Final[tuple[Side, ...]] = ("right", "left")

MIDLINE: Final = ("skull", "face", "cervical_spine", "thoracic_spine", "lumbar_spine", "sacrum", "sternum")
"""Regions that have no side, from the head down."""

PAIRED: Final = (
    "clavicle",
    "scapula",
    "ribs",
    "humerus",
    "forearm",
    "hand",
    "pelvis",
    "femur",
    "knee",
    "lower_leg",
    "foot",
)
"""Regions of which there is one on each side."""


def on_side(part: str, side: Side) -> str:
    """Return the region of PAIRED on a side: `left_ribs`."""
    return f"{side}_{part}"


def without_side(region: str) -> tuple[str, Side | None]:
    """Return what a region is without its side, and the side: `ribs` and `left`; None for one of the midline."""
    for side in SIDES:
        if region.startswith(f"{side}_"):
            return region.removeprefix(f"{side}_"), side
    return region, None


def mirrored(region: str) -> str:
    """Return the region on the other side: `right_ribs` of `left_ribs`; one of the midline is its own."""
    part, side = without_side(region)
    return region if side is None else on_side(part, "left" if side == "right" else "right")


REGIONS: Final = (*MIDLINE, *(on_side(part, side) for part in PAIRED for side in SIDES))
"""All regions; their order is that of maps and of a network's output."""

NUMBERED: Final = {
    "thoracic_spine": 12,
    "lumbar_spine": 5,
    **{on_side("ribs", side): 12 for side in SIDES},
}
"""Regions whose bones are counted, from the head down, and how many there are."""


@dataclass(frozen=True)
class NamedBone:
    """What a site names: a region, or one numbered bone of it.

    Attributes:
        region: of REGIONS.
        number: from 1, in a region of NUMBERED; None for a region without numbers.
    """

    region: str
    number: int | None = None

    @property
    def key(self) -> str:
        """Its name in files: `skull`, `left_ribs_7`."""
        return self.region if self.number is None else f"{self.region}_{self.number}"


BONES: Final = tuple(
    NamedBone(region, number)
    for region in REGIONS
    for number in (range(1, NUMBERED[region] + 1) if region in NUMBERED else (None,))
)
"""All regions without numbers, and the bones of the numbered ones, in the order of REGIONS."""
