"""Placing the skeleton: the size and the turn of every limb, then the bend of the whole body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.phantom.body.anatomy import Limb, Skeleton

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

RIB_CAGE = ("rib", "sternum", "manubrium", "cartilage")
"""Regions that hang from the spine and move with breath and age."""

ON_RIB_CAGE = ("shoulder_r", "shoulder_l")
"""Limbs whose joint is on the breastbone and sinks with it."""

GOLDEN = 0.6180339887498949
"""Golden ratio: its multiples spread evenly between whole numbers."""

SPINE_Y_MM = 235.0
SPINE_HALF_WIDTH_MM = 30.0
"""Where the ribs hang from the spine, in the neutral pose."""

SWAY_WAVE_MM = 1300.0
"""Length of the wave that a spine's side curve follows: from the knees to the head."""

TURN_CENTRE_MM = (0.0, 190.0, 900.0)
"""What a body turns about as a whole, in the neutral pose: about the navel."""

UNSCALED = (1.0, 1.0, 1.0)
UNTURNED = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Pose:
    """Build and posture of a patient; by default those of the mesh model, the neutral pose.

    Attributes:
        scales: by limb, factors along x, y, z in the limb's neutral pose.
        turns: by limb, rotation about x, y, z in degrees, z first; a limb carries its children.
        sway_mm: side curve of the spine, one full wave from head to knees.
        sway_phase: where that wave begins, radians.
        droop: how far ribs and sternum hang, mm down per mm in front of the spine.
        fall: how far ribs hang, mm down per mm beside the spine.
        breath_mm: movement of the front of the ribs during the scan, which blurs them.
        roll_deg: turn about the body's long axis.
        tilt_deg: slant on the table.
    """

    scales: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    turns: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    sway_mm: float = 0.0
    sway_phase: float = 0.0
    droop: float = 0.0
    fall: float = 0.0
    breath_mm: float = 0.0
    roll_deg: float = 0.0
    tilt_deg: float = 0.0


@dataclass(frozen=True)
class LimbPlacement:
    """The affine map of one limb: neutral point p goes to `matrix @ p + offset`.

    Attributes:
        matrix: (3, 3) scale and rotation.
        offset: (3,) mm.
        turn: (3, 3) rotation alone.
    """

    matrix: Matrix
    offset: Vector
    turn: Matrix

    def apply(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the places of neutral points, shape (N, 3), in mm."""
        return transform(points, self.matrix, self.offset)


@dataclass(frozen=True)
class PosedSkeleton:
    """A skeleton as one patient is placed under the camera.

    Attributes:
        skeleton: in the neutral pose.
        pose: build and posture.
        points: (N, 3) the skeleton's points in the pose, mm, in the axes of `anatomy`.
        placements: by limb, how it got there.
    """

    skeleton: Skeleton
    pose: Pose
    points: NDArray[np.float64]
    placements: Mapping[str, LimbPlacement]

    def place(self, limb: str, neutral_mm: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return places, (N, 3) in mm, of points that are fixed to a limb and given in the neutral pose."""
        return bend(self.placements[limb].apply(np.atleast_2d(neutral_mm)), self.pose)


def rotation(degrees: tuple[float, float, float]) -> Matrix:
    """Return the matrix that turns about z, then y, then x by the given (x, y, z) angles in degrees."""
    x, y, z = np.radians(degrees)
    about_x = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_z = np.array([[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]])
    return np.asarray(about_x @ about_y @ about_z)


def transform(points: NDArray[np.floating], matrix: Matrix, offset: Vector) -> NDArray[np.float64]:
    """Return `matrix @ p + offset` for each point p, shape (N, 3).

    By OpenCV: for a product of (N, 3) with (3, 3), BLAS starts threads that cost more than they save.
    """
    affine = np.column_stack([matrix, offset])
    return np.asarray(cv2.transform(points.astype(np.float64)[:, None], affine)[:, 0], dtype=np.float64)


def placements(limbs: tuple[Limb, ...], pose: Pose) -> dict[str, LimbPlacement]:
    """Return the map of each limb: scaled, turned about its joint, and carried by its parent."""
    placed: dict[str, LimbPlacement] = {}
    for limb in limbs:
        turn = rotation(pose.turns.get(limb.name, UNTURNED))
        joint = limb.pivot
        if limb.name in ON_RIB_CAGE:
            joint = joint - np.array([0.0, 0.0, _sunk(joint, pose)])
        if limb.parent is not None:
            parent = placed[limb.parent]
            turn = parent.turn @ turn
            joint = parent.matrix @ joint + parent.offset
        matrix = turn @ np.diag(pose.scales.get(limb.name, UNSCALED))
        placed[limb.name] = LimbPlacement(matrix, joint - matrix @ limb.pivot, turn)
    return placed


def bend(points: NDArray[np.float64], pose: Pose) -> NDArray[np.float64]:
    """Return points after the bend and turn of the whole body, shape (N, 3), in mm."""
    swayed = points.copy()
    swayed[:, 0] += pose.sway_mm * np.sin(2 * np.pi * points[:, 2] / SWAY_WAVE_MM + pose.sway_phase)
    centre = np.array(TURN_CENTRE_MM)
    turn = rotation((0.0, pose.tilt_deg, pose.roll_deg))
    return transform(swayed, turn, centre - turn @ centre)


def place(skeleton: Skeleton, pose: Pose) -> PosedSkeleton:
    """Return the skeleton in a pose."""
    maps = placements(skeleton.limbs, pose)
    points = np.empty(skeleton.points.shape, dtype=np.float64)
    for bone in skeleton.bones:
        neutral = skeleton.points[bone.span].astype(np.float64)
        if bone.region in RIB_CAGE:
            before_spine = _before_spine(neutral)
            phase = 2 * np.pi * GOLDEN * np.arange(len(neutral))  # each point is at another moment of the breath
            breath = pose.breath_mm * np.sin(phase) * before_spine / before_spine.max()
            neutral[:, 2] += breath - _sunk(neutral, pose)
        points[bone.span] = maps[bone.limb].apply(neutral)
    return PosedSkeleton(skeleton, pose, bend(points, pose), maps)


def _before_spine(neutral: Vector) -> Vector:
    """Return how far in front of the spine neutral points (..., 3) are, in mm; 0 behind it."""
    return np.maximum(SPINE_Y_MM - neutral[..., 1], 0.0)


def _sunk(neutral: Vector, pose: Pose) -> Vector:
    """Return how far neutral points (..., 3) of the rib cage hang below their place, in mm."""
    beside_spine = np.maximum(np.abs(neutral[..., 0]) - SPINE_HALF_WIDTH_MM, 0.0)
    return np.asarray(pose.droop * _before_spine(neutral) + pose.fall * beside_spine)
