"""Parts of one mesh that take up differently."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.phantom.body.myofullbody import BoneMesh

Points = NDArray[np.float64]
Part = tuple[str, str, NDArray[np.bool_]]
"""Name, region, and which of the points."""

STERNUM_HALF_WIDTH_MM = 16.0
MANUBRIUM_HALF_WIDTH_MM = (24.0, 40.0)
MANUBRIUM_HEAD_MM = (10.0, 34.0)
MANUBRIUM_LENGTH_MM = 46.0
"""Sternum in the mesh of sternum and rib cartilages: a band about the midline. The head of the manubrium, with the
joints of the first ribs, is wider: from the first to the second distance below its top."""

FACE_FRONT_PART = 0.55
FACE_HEIGHT_PART = 0.55
"""Face in the mesh of the skull: the front 55 % of its depth in the lower 55 % of its height."""

CHEEK_FROM_MM = 32.0
"""Cheeks in the face: everything this far from the midline, the zygomatic bones with their arches."""

UPPER_TEETH_MM = 12.0
"""How far the teeth of the upper jaw and their sockets reach up from the lowest point of the face."""

JAW_RIM_MM = 12.0
JAW_RISE = 0.6
"""Bone of the lower jaw without the sockets of its teeth: up to this much above its lower edge, which rises from the
chin backwards by this many mm per mm."""

JAW_BODY_MM = 42.0
JAW_HEIGHT_MM = 46.0
"""The lower jaw without its branches: its length behind the chin's front, and its height with the teeth."""

BASE_HEIGHT_PART = 0.3
"""Base in the mesh of the skull: the lower 30 % behind the face."""

SACROILIAC_HEIGHTS = (0.5, 0.86)
SACROILIAC_DEPTH_MM = 48.0
SACROILIAC_HALF_WIDTH_MM = 82.0
"""Sacroiliac joint in the mesh of half a pelvis, the hot field beside the sacrum on posterior scans: between these
parts of its height, this near to its hindmost point and this near to the midline."""


def finer_parts(mesh: BoneMesh, points: Points, middle: float) -> Iterator[Part]:
    """Yield the parts of a mesh that was filled with points (N, 3), in mm; `middle` is the x of the midline.

    A bone of one part is yielded as it is.
    """
    if mesh.region == "skull":
        yield from _skull(points, middle)
    elif mesh.region == "jaw":
        yield from _jaw(points)
    elif mesh.region == "sternum":
        yield from _sternum(points)
    elif mesh.region == "pelvis":
        yield from _pelvis(mesh.name, points, middle)
    else:
        yield mesh.name, mesh.region, np.ones(len(points), dtype=bool)


def _skull(points: Points, middle: float) -> Iterator[Part]:
    """Yield vault, base, the middle of the face, cheeks and upper teeth."""
    low, high = points.min(axis=0), points.max(axis=0)
    place = (points - low) / (high - low)
    face = (place[:, 1] < FACE_FRONT_PART) & (place[:, 2] < FACE_HEIGHT_PART)
    base = ~face & (place[:, 2] < BASE_HEIGHT_PART)
    cheek = face & (np.abs(points[:, 0] - middle) > CHEEK_FROM_MM)
    teeth = face & ~cheek & (points[:, 2] < points[face, 2].min() + UPPER_TEETH_MM)
    yield "skull", "skull", ~face & ~base
    yield "skull_base", "skull_base", base
    yield "face", "face", face & ~cheek & ~teeth
    yield "cheeks", "cheek", cheek
    yield "upper_teeth", "teeth", teeth


def _jaw(points: Points) -> Iterator[Part]:
    """Yield the lower jaw's body, its branches, and lower teeth."""
    low, front = points[points[:, 2].argmin()], points[:, 1].min()
    edge = low[2] + JAW_RISE * np.maximum(points[:, 1] - low[1], 0.0)
    branches = (points[:, 1] > front + JAW_BODY_MM) | (points[:, 2] > low[2] + JAW_HEIGHT_MM)
    teeth = ~branches & (points[:, 2] > edge + JAW_RIM_MM)
    yield "jaw", "jaw", ~branches & ~teeth
    yield "jaw_branches", "jaw_branch", branches
    yield "lower_teeth", "teeth", teeth


def _sternum(points: Points) -> Iterator[Part]:
    """Yield manubrium, the rest of the breastbone, and the cartilages beside it."""
    aside = np.abs(points[:, 0] - points[:, 0].mean())
    below_top = points[:, 2].max() - points[:, 2]
    manubrium = below_top < MANUBRIUM_LENGTH_MM
    lower, upper = MANUBRIUM_HALF_WIDTH_MM
    head = (below_top > MANUBRIUM_HEAD_MM[0]) & (below_top < MANUBRIUM_HEAD_MM[1])
    half_width = np.where(head, upper, np.where(manubrium, lower, STERNUM_HALF_WIDTH_MM))
    sternum = aside < half_width
    yield "manubrium", "manubrium", sternum & manubrium
    yield "sternum", "sternum", sternum & ~manubrium
    yield "costal_cartilage", "cartilage", ~sternum


def _pelvis(name: str, points: Points, middle: float) -> Iterator[Part]:
    """Yield half a pelvis and its sacroiliac joint."""
    joint = sacroiliac(points, middle)
    yield name, "pelvis", ~joint
    yield f"sacroiliac_{name[-1]}", "sacroiliac", joint


def sacroiliac(points: Points, middle: float) -> NDArray[np.bool_]:
    """Return which points (N, 3) of half a pelvis are its sacroiliac joint, in mm; `middle` is the x of the midline."""
    height = (points[:, 2] - points[:, 2].min()) / np.ptp(points[:, 2])
    low, high = SACROILIAC_HEIGHTS
    near = np.abs(points[:, 0] - middle) < SACROILIAC_HALF_WIDTH_MM
    behind = points[:, 1] > points[:, 1].max() - SACROILIAC_DEPTH_MM
    return np.asarray((height > low) & (height < high) & near & behind)
