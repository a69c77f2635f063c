"""The body's outline: soft tissue as stacks of ellipses, for attenuation and soft uptake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.phantom.body.posing import PosedSkeleton

Floats = NDArray[np.float64]

LEAST_DEPTH_MM = 2.0
"""Skin: nothing is nearer to the surface."""

HEAD_FAT, LIMB_FAT = 0.1, 0.4
"""Parts of the trunk's fat that head and limbs get."""


@dataclass(frozen=True)
class Stack:
    """Ellipses across the z axis, from the lowest to the highest, with straight lines between them; all of shape (K,).

    Attributes:
        z: heights, mm.
        x: centres, mm.
        y: centres, mm.
        width: half axes along x, mm.
        depth: half axes along y, mm.
        air: part of the tissue's mass that is missing in the lungs, inside the body; 0 without lungs.
    """

    z: Floats
    x: Floats
    y: Floats
    width: Floats
    depth: Floats
    air: Floats

    def half_chord(self, x: Floats, z: Floats) -> tuple[Floats, Floats]:
        """Return the centre and half length of the body along y at the places, in mm; half length 0 outside."""
        width = np.interp(z, self.z, self.width)
        aside = (x - np.interp(z, self.z, self.x)) / width
        half = np.interp(z, self.z, self.depth) * np.sqrt(np.clip(1.0 - aside**2, 0.0, None))
        return np.interp(z, self.z, self.y), half

    def depths(self, points: Floats) -> tuple[Floats, Floats]:
        """Return the tissue in front of and behind each point (N, 3), in mm of soft tissue of the same mass."""
        middle, half = self.half_chord(points[:, 0], points[:, 2])
        front = np.maximum(points[:, 1] - (middle - half), LEAST_DEPTH_MM)
        back = np.maximum(middle + half - points[:, 1], LEAST_DEPTH_MM)
        air = self._air(points[:, 0], points[:, 2])
        if not air.any():
            return front, back
        first, last = (2 * half * part for part in LUNG_PARTS)
        before = np.clip(front, first, last) - first
        return front - air * before, back - air * (last - first - before)

    def thickness(self, x: Floats, z: Floats) -> Floats:
        """Return the tissue along y at the places, in mm of soft tissue of the same mass; 0 outside."""
        _, half = self.half_chord(x, z)
        return np.asarray(2 * half * (1.0 - self._air(x, z) * (LUNG_PARTS[1] - LUNG_PARTS[0])))

    def _air(self, x: Floats, z: Floats) -> Floats:
        """Return the part of the mass that is missing in the lungs: less in the middle, with heart and vessels."""
        if not self.air.any():
            return np.zeros(np.broadcast_shapes(x.shape, z.shape))
        aside = np.abs(x - np.interp(z, self.z, self.x)) / HEART_HALF_WIDTH_MM
        return np.asarray(np.interp(z, self.z, self.air) * np.clip(aside, HEART_AIR, 1.0))


LUNG_PARTS = (0.15, 0.75)
"""Where the lungs begin and end, in parts of the body's thickness from the front."""

LUNG_Z_MM = (1200.0, 1400.0)
"""Heights of the lungs in the neutral pose; they taper off to the knots beyond."""

LUNG_AIR = 0.7
"""Lungs weigh about 0.3 g / ml with their blood (ICRP Publication 110, 2009: 0.38; less when breathing in)."""

HEART_HALF_WIDTH_MM = 45.0
HEART_AIR = 0.35
"""Heart and great vessels fill the middle of the chest, with some lung around them: part of the lungs' air there."""

STACK_OF_LIMB = {
    "trunk": "trunk",
    "pelvis": "trunk",
    "neck": "trunk",
    "head": "head",
    "shoulder_r": "trunk",
    "shoulder_l": "trunk",
    "scapula_r": "trunk",
    "scapula_l": "trunk",
    **{f"{limb}_{side}": f"arm_{side}" for limb in ("arm", "forearm", "hand", "thumb") for side in "rl"},
    **{f"{limb}_{side}": f"leg_{side}" for limb in ("thigh", "shank", "foot") for side in "rl"},
}
"""Which stack of ellipses holds which limb."""

# (limb, neutral x, y, z of the centre, half width, half depth) in mm for a lean adult; sides mirror x.
_Knot = tuple[str, float, float, float, float, float]
_TRUNK: list[_Knot] = [
    ("trunk", 0, 165, 745, 60, 20),
    ("trunk", 0, 172, 790, 130, 85),
    ("trunk", 0, 180, 850, 168, 108),
    ("trunk", 0, 185, 960, 162, 105),
    ("trunk", 0, 188, 1060, 147, 100),
    ("trunk", 0, 190, 1130, 149, 106),
    ("trunk", 0, 195, 1200, 156, 112),
    ("trunk", 0, 200, 1300, 168, 118),
    ("trunk", 0, 210, 1400, 205, 100),
    ("trunk", 0, 220, 1435, 168, 84),
    ("trunk", 0, 225, 1455, 112, 74),
    ("trunk", 0, 228, 1475, 70, 62),
    ("neck", 0, 228, 1510, 52, 56),
]
_HEAD: list[_Knot] = [
    ("head", 0, 190, 1490, 40, 60),
    ("head", 0, 195, 1520, 66, 80),
    ("head", 0, 205, 1580, 73, 94),
    ("head", 0, 208, 1640, 73, 94),
    ("head", 0, 208, 1680, 55, 68),
    ("head", 0, 208, 1698, 22, 26),
]
_ARM: list[_Knot] = [
    ("hand", -205, 155, 695, 14, 16),
    ("hand", -218, 160, 760, 18, 36),
    ("hand", -212, 165, 830, 20, 40),
    ("hand", -205, 172, 870, 26, 32),
    ("forearm", -190, 180, 980, 32, 34),
    ("forearm", -168, 190, 1080, 42, 44),
    ("forearm", -158, 193, 1121, 42, 44),
    ("arm", -160, 195, 1200, 44, 50),
    ("arm", -165, 198, 1330, 48, 58),
    ("arm", -170, 200, 1420, 40, 55),
]
_LEG: list[_Knot] = [
    ("foot", -115, 0, 10, 30, 14),
    ("foot", -105, 90, 30, 28, 28),
    ("foot", -90, 165, 50, 28, 38),
    ("shank", -88, 166, 80, 26, 36),
    ("shank", -85, 175, 220, 40, 48),
    ("shank", -82, 175, 320, 48, 56),
    ("shank", -78, 162, 440, 48, 56),
    ("thigh", -80, 158, 520, 53, 62),
    ("thigh", -85, 165, 680, 70, 78),
    ("thigh", -86, 168, 790, 80, 90),
    ("thigh", -84, 172, 830, 82, 94),
]


def body(posed: PosedSkeleton, fat_mm: float) -> dict[str, Stack]:
    """Return the outline of a posed patient as stacks by name.

    `fat_mm` is added to every half axis of the trunk. Limbs get a part of it, the head a little at its sides.
    """
    stacks = {"trunk": _stack(posed, _TRUNK, fat_mm, fat_mm), "head": _stack(posed, _HEAD, HEAD_FAT * fat_mm, 0.0)}
    for side, mirror in (("r", 1.0), ("l", -1.0)):
        for name, knots in (("arm", _ARM), ("leg", _LEG)):
            own = [(f"{limb}_{side}", mirror * x, y, z, a, b) for limb, x, y, z, a, b in knots]
            stacks[f"{name}_{side}"] = _stack(posed, own, LIMB_FAT * fat_mm, LIMB_FAT * fat_mm)
    return stacks


def depths(stacks: Mapping[str, Stack], limb: str, points: Floats) -> tuple[Floats, Floats]:
    """Return the tissue in front of and behind points (N, 3) of a limb, in mm."""
    return stacks[STACK_OF_LIMB[limb]].depths(points)


def _stack(posed: PosedSkeleton, knots: list[_Knot], wider_mm: float, deeper_mm: float) -> Stack:
    """Return the stack whose centres are carried by the limbs they belong to."""
    centres, widths, thick, air = [], [], [], []
    for limb, x, y, z, width, depth in knots:
        scale = posed.pose.scales.get(limb, (1.0, 1.0, 1.0))
        centres.append(posed.place(limb, np.array([x, y, z]))[0])
        widths.append(width * scale[0] + wider_mm)
        thick.append(depth * scale[1] + deeper_mm)
        air.append(LUNG_AIR if limb == "trunk" and LUNG_Z_MM[0] <= z <= LUNG_Z_MM[1] else 0.0)
    middle = np.array(centres)
    order = np.argsort(middle[:, 2], kind="stable")
    return Stack(
        z=middle[order, 2],
        x=middle[order, 0],
        y=middle[order, 1],
        width=np.array(widths)[order],
        depth=np.array(thick)[order],
        air=np.array(air)[order],
    )
