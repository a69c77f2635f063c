"""Hot spots: extra activity in a bone or in an organ, with the class a reader would give its box."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.phantom.body import soft_tissue
from bonescan_yolo.phantom.body.anatomy import Bone
from bonescan_yolo.phantom.body.named_bones import bones_of_activity
from bonescan_yolo.phantom.body.posing import PosedSkeleton
from bonescan_yolo.phantom.body.soft_tissue import Stack
from bonescan_yolo.phantom.camera import Emission
from bonescan_yolo.regions.region_names import NamedBone

Floats = NDArray[np.float64]

BALL_CELLS = 18
"""Cells along each edge of the cube around an organ's ellipsoid; each cell holds one point at random."""

BALL_SEED = 0
"""Seed of the points in those cells, the same for every organ."""

FULL_TO, GONE_AT = 0.6, 1.2
"""A focus of bone has its full uptake up to the first of these parts of its radius, none beyond the second."""


@dataclass(frozen=True)
class PosedBody:
    """A posed skeleton with its outline: what hot spots are put into.

    Attributes:
        posed: the skeleton.
        stacks: the soft tissue, by the names of `soft_tissue`.
    """

    posed: PosedSkeleton
    stacks: Mapping[str, Stack]

    def points_of(self, bone: Bone) -> Floats:
        """Return the bone's points as the patient lies, shape (n, 3), in mm."""
        return self.posed.points[bone.span]

    def emission(self, limb: str, points: Floats, activity: Floats) -> Emission:
        """Return activity at points of a limb, with the tissue in front of and behind them."""
        front, back = soft_tissue.depths(self.stacks, limb, points)
        return Emission(points, activity, front, back)


@dataclass(frozen=True)
class Blob:
    """An ellipsoid along the axes of the camera, not of the limb.

    Attributes:
        centre: (3,) in mm.
        radii_mm: (3,) half axes.
        gain: uptake added inside it; that of an average vertebra is 1.
        floor: lower end of an organ with a flat base, in vertical half axes from the centre; -1: the whole ellipsoid.
    """

    centre: Floats
    radii_mm: Floats
    gain: float
    floor: float = -1.0


@dataclass(frozen=True)
class Spot:
    """A hot spot: activity added to that of normal bone and soft tissue.

    Attributes:
        name: what it is, with the bone's name for lesions; several may share one.
        label: class of its box; None: readers give it none.
        emission: its activity.
        least_over_median: how many times the median of its surroundings readers ask it to have; None: as many as any
            hot spot (`TruthConfig`).
        abnormal_mm: sizes, as seen, at which its box is abnormal (from, and below); normal at all others. None: the
            class is `label` at all sizes.
        bones: that it is in; empty for what is in no bone, such as urine.
    """

    name: str
    label: int | None
    emission: Emission
    least_over_median: float | None = None
    abnormal_mm: tuple[float, float] | None = None
    bones: tuple[NamedBone, ...] = ()


def on_bone(body: PosedBody, bone: Bone, blob: Blob, name: str, label: int | None) -> Spot:
    """Return a hot spot that fills the part of one bone inside `blob`, falling off smoothly at its radii."""
    points = body.points_of(bone)
    distance = np.sqrt((((points - blob.centre) / blob.radii_mm) ** 2).sum(axis=1))
    return weighted_bone(body, bone, blob.gain * falloff(distance), name, label)


def weighted_bone(body: PosedBody, bone: Bone, density: Floats, name: str, label: int | None) -> Spot:
    """Return a hot spot with the given added uptake at each point of a bone; points without any are left out."""
    hot = density > 0
    points = body.points_of(bone)[hot]
    activity = density[hot] * body.posed.skeleton.volumes[bone.span][hot]
    bones = bones_of_activity(bone, body.posed.skeleton.along[bone.span][hot], activity)
    return Spot(name, label, body.emission(bone.limb, points, activity), bones=bones)


def ellipsoid(body: PosedBody, limb: str, blob: Blob, name: str, label: int | None) -> Spot:
    """Return an organ or fluid: `blob` evenly filled above its floor. The tissue over it is that of `limb`."""
    corners = np.indices((BALL_CELLS,) * 3).reshape(3, -1).T
    shifts = np.random.default_rng(BALL_SEED).random(corners.shape)
    cube = (corners + shifts) / BALL_CELLS * 2.0 - 1.0
    ball = cube[(cube**2).sum(axis=1) <= 1.0]
    volume = 4 / 3 * np.pi * float(np.prod(blob.radii_mm))
    above = ball[ball[:, 2] >= blob.floor]
    activity = np.full(len(above), blob.gain * volume / len(ball))
    return Spot(name, label, body.emission(limb, blob.centre + above * blob.radii_mm, activity))


def falloff(distance: Floats) -> Floats:
    """Return 1 up to FULL_TO radii, falling evenly to 0 at GONE_AT radii."""
    return np.asarray(np.clip((GONE_AT - distance) / (GONE_AT - FULL_TO), 0.0, 1.0))
