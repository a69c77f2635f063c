"""The skeleton: points in every bone, in a neutral standing pose, and the limbs that can be posed.

Coordinates, in mm: x towards the patient's left, y towards the back, z towards the head; the midline is x = 0,
the soles are near z = 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.phantom.body import myofullbody, voxels
from bonescan_yolo.phantom.body.bone_parts import finer_parts, sacroiliac
from bonescan_yolo.phantom.body.myofullbody import BoneMesh

FINE_STEP_MM = 2.6
"""Grid step in thin bones (ribs, hands, toes, shoulder blades)."""

COARSE_STEP_MM = 3.4
"""Grid step in thick bones; about 240,000 points in all."""

FILL_SEED = 0
"""Seed of the jitter of the points, the same for every patient."""

VERTEBRA_WIDTH = {"upper_cervical": 1.2, "cervical": 1.2, "thoracic": 1.3, "lumbar": 1.3, "sacrum": 1.4}
"""Factors on the width of the model's vertebrae, which are narrow: a lumbar one is 65 mm from tip to tip of its
transverse processes, and on real scans the spine is a third wider."""

PELVIS_INLET_MM = ((0.0, 42.0, 118.0), (0.0, 60.0, 118.0))
PELVIS_INLET_HEIGHTS = (0.0, 0.1, 0.42, 0.6)
"""The inlet of the model's pelvis is narrow too: distances from the midline in the model, and those on real scans. The
change is full between the two middle heights (parts of the pelvis' height) and none outside the outer ones."""

NECK = ("upper_cervical", "cervical")
"""Regions of the neck's vertebrae."""

PELVIS_REACH_MM = 12.0
PELVIS_HALF_THICKNESS_MM = 10.7
PELVIS_THICKNESS_POWER = 0.6
"""The pelvis takes up more where it is thick (acetabulum, the line from there to the sacroiliac joint) and less in its
thin wing: uptake goes with this power of the half thickness within reach, over the mesh's median half thickness."""

PELVIS_RIM_MM = 11.0
PELVIS_RIM_SLAB_MM = 8.0
PELVIS_RIM_ABOVE = 0.7
PELVIS_RIM_GAIN = 1.9
"""The outer rim of the wing at the crest is thick cortical bone, which the mesh is too smooth to show. Points this near
to the outermost or topmost point of their slab, above that part of the height, take up 1 + 1.9 times as much."""

SACROILIAC_GAIN = ((40.0, 75.0), (0.6, 1.6))
"""On real scans the joints are as hot at their outer ends, where the mesh has little bone, as next to the sacrum:
distances from the midline (mm), and uptake there."""

PILLAR_ENDS = ((117.0, 0.94), (60.0, 0.3))
PILLAR_HALF_WIDTH_MM = 11.0
PILLAR_GAIN = 2.2
"""The iliac pillar, the strut from the crest down to the socket of the hip, is missing in the mesh; anterior scans show
the two as the arms of a V. Its upper and lower end: distance from the midline (mm), part of the pelvis' height."""

TEXTURE_CELLS_MM = (9.0, 28.0)
"""Edges of the cells in which bone is given uneven uptake: a vertebra holds a few of the small ones."""


@dataclass(frozen=True)
class Bone:
    """A bone or a part of one, as a run of the skeleton's points.

    Attributes:
        name: unique in the skeleton, such as `thoracic_5` or `rib_3_l`.
        region: the kind of bone that uptake and lesions are drawn for (`thoracic`, `rib`, `femur`, ...).
        limb: the part it moves with.
        start: its first point.
        stop: one past its last point.
    """

    name: str
    region: str
    limb: str
    start: int
    stop: int

    @property
    def span(self) -> slice:
        """The bone's rows in the arrays of the skeleton."""
        return slice(self.start, self.stop)


@dataclass(frozen=True)
class Limb:
    """A part that moves as one.

    Attributes:
        name: such as `trunk` or `forearm_r`.
        parent: the limb that carries it; None for the trunk.
        pivot: (3,) the joint it turns about, mm, in the neutral pose.
    """

    name: str
    parent: str | None
    pivot: NDArray[np.float64]


@dataclass(frozen=True)
class Skeleton:
    """Every bone as points in the neutral pose.

    Attributes:
        points: (N, 3) float32, mm.
        volumes: (N,) float32, mm^3 of bone per point.
        along: (N,) float32, place along the point's bone: 0 at its upper end, 1 at its lower (ribs: from the back,
            shoulder girdle: from the midline).
        richness: (N,) float32, normal uptake over that of the bone as a whole; 1 in bones of even build.
        cells: for each size in TEXTURE_CELLS_MM, (N,) int32, the number of the cell of space around the point.
        bones: in the order of the points.
        limbs: each after its parent.
    """

    points: NDArray[np.float32]
    volumes: NDArray[np.float32]
    along: NDArray[np.float32]
    richness: NDArray[np.float32]
    cells: tuple[NDArray[np.int32], ...]
    bones: tuple[Bone, ...]
    limbs: tuple[Limb, ...]

    def bones_of(self, region: str) -> tuple[Bone, ...]:
        """Return the bones of a region, in their order from head to foot, right before left."""
        return tuple(bone for bone in self.bones if bone.region == region)


_PIVOT_JOINTS = {
    "shoulder_{s}": ("trunk", "sternoclavicular_r2_{s}"),
    "scapula_{s}": ("shoulder_{s}", "shoulder_elv_{s}"),
    "arm_{s}": ("shoulder_{s}", "shoulder_elv_{s}"),
    "forearm_{s}": ("arm_{s}", "elbow_flexion_{s}"),
    "hand_{s}": ("forearm_{s}", "flexion_{s}"),
    "thumb_{s}": ("hand_{s}", "cmc_abduction_{s}"),
    "thigh_{s}": ("pelvis", "hip_flexion_{s}"),
    "shank_{s}": ("thigh_{s}", "knee_angle_{s}"),
    "foot_{s}": ("shank_{s}", "ankle_angle_{s}"),
}
_THICK = {"skull", "femur", "tibia", "humerus", "pelvis", "sacrum", "lumbar", "thoracic", "patella", "foot", *NECK}
_HOLLOW = {"skull"}


def load_skeleton() -> Skeleton:
    """Read the meshes of `myo_sim`, fill them with points and return the skeleton; takes about 3 seconds.

    Raises:
        BonescanError: `myo-sim` or `mujoco` is not installed.
    """
    bones_in, joints = myofullbody.read()
    middle = float(np.mean([mesh.vertices[:, 0].mean() for mesh in bones_in if mesh.region == "lumbar"]))
    floor = min(float(mesh.vertices[:, 2].min()) for mesh in bones_in)
    shift = np.array([middle, 0.0, floor])
    rng = np.random.default_rng(FILL_SEED)
    points, volumes, along, richness, bones, start = [], [], [], [], [], 0
    for mesh in bones_in:
        step = COARSE_STEP_MM if mesh.region in _THICK else FINE_STEP_MM
        filled = voxels.fill(_widened(mesh, middle), mesh.triangles, step, rng, hollow=mesh.region in _HOLLOW)
        rich = _pelvis_richness(filled, step, middle) if mesh.region == "pelvis" else np.ones(len(filled))
        for name, region, inside in finer_parts(mesh, filled, middle):
            part = filled[inside]
            points.append(part - shift)
            richness.append(rich[inside])
            volumes.append(np.full(len(part), step**3))
            along.append(_along(region, part, middle))
            bones.append(Bone(name, region, mesh.limb, start, start + len(part)))
            start += len(part)
    placed = np.concatenate(points)
    return Skeleton(
        points=placed.astype(np.float32),
        volumes=np.concatenate(volumes).astype(np.float32),
        along=np.concatenate(along).astype(np.float32),
        richness=np.concatenate(richness).astype(np.float32),
        cells=tuple(_cells(placed, size) for size in TEXTURE_CELLS_MM),
        bones=tuple(bones),
        limbs=_limbs(joints, bones_in, shift),
    )


def _widened(mesh: BoneMesh, middle: float) -> NDArray[np.float64]:
    """Return the mesh's vertices, vertebrae and pelvis as wide as real ones; `middle` is the x of the midline."""
    vertices = mesh.vertices.copy()
    aside = vertices[:, 0] - middle
    if mesh.region == "pelvis":
        height = (vertices[:, 2] - vertices[:, 2].min()) / np.ptp(vertices[:, 2])
        part = np.interp(height, PELVIS_INLET_HEIGHTS, (0.0, 1.0, 1.0, 0.0))
        wider = np.sign(aside) * np.interp(np.abs(aside), *PELVIS_INLET_MM) - aside
        vertices[:, 0] += part * wider
    else:
        vertices[:, 0] = middle + VERTEBRA_WIDTH.get(mesh.region, 1.0) * aside
    return vertices


def _pelvis_richness(points: NDArray[np.float64], step_mm: float, middle: float) -> NDArray[np.float64]:
    """Return the uptake of each point of half a pelvis over the bone's median; sacroiliac joint: over its mean.

    `middle` is the x of the midline.
    """
    thickness = voxels.half_thickness(points, step_mm, PELVIS_REACH_MM) / PELVIS_HALF_THICKNESS_MM
    aside, height = np.abs(points[:, 0] - middle), points[:, 2] - points[:, 2].min()
    rim = (_near_edge(aside, height) | _near_edge(height, aside)) & (height > PELVIS_RIM_ABOVE * height.max())
    pillar = PILLAR_GAIN * _pillar(aside, height / height.max())
    rich = thickness**PELVIS_THICKNESS_POWER * np.maximum(1.0 + pillar, np.where(rim, 1.0 + PELVIS_RIM_GAIN, 1.0))
    joint = sacroiliac(points, middle)
    rich[joint] *= np.interp(aside[joint], *SACROILIAC_GAIN)
    rich[joint] /= rich[joint].mean()
    return np.asarray(rich)


def _near_edge(outwards_mm: NDArray[np.float64], along_mm: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which points are near the outermost of their slab; slabs are cut across the second direction."""
    slab = (along_mm / PELVIS_RIM_SLAB_MM).astype(int)
    outermost = np.zeros(int(slab.max()) + 1)
    np.maximum.at(outermost, slab, outwards_mm)
    return np.asarray(outwards_mm > outermost[slab] - PELVIS_RIM_MM)


def _pillar(aside_mm: NDArray[np.float64], height: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how near points of half a pelvis are to the axis of the iliac pillar: 1 on it, 0 outside the pillar."""
    (upper, top), (lower, bottom) = PILLAR_ENDS
    axis = np.interp(height, (bottom, top), (lower, upper))
    inside = (height > bottom) & (height < top)
    return np.where(inside, np.clip(1.0 - np.abs(aside_mm - axis) / PILLAR_HALF_WIDTH_MM, 0.0, 1.0), 0.0)


def _cells(points: NDArray[np.float64], size_mm: float) -> NDArray[np.int32]:
    """Return the number, from 0, of the cube of `size_mm` around each point; empty cubes are not counted."""
    corner = np.floor(points / size_mm).astype(int)
    corner -= corner.min(axis=0)
    key = np.ravel_multi_index(tuple(corner.T), tuple(corner.max(axis=0) + 1))
    return np.unique(key, return_inverse=True)[1].ravel().astype(np.int32)


def _along(region: str, points: NDArray[np.float64], middle: float) -> NDArray[np.float64]:
    """Return each point's place along its bone, 0 to 1; `middle` is the x of the midline."""
    place = -points[:, 1] if region == "rib" else -points[:, 2]
    if region in ("clavicle", "scapula"):
        place = np.abs(points[:, 0] - middle)
    return np.asarray((place - place.min()) / max(float(np.ptp(place)), 1.0))


def _limbs(
    joints: dict[str, NDArray[np.float64]], meshes: list[BoneMesh], shift: NDArray[np.float64]
) -> tuple[Limb, ...]:
    """Return the limbs, each after its parent."""
    neck = [mesh.vertices for mesh in meshes if mesh.region in NECK]
    lowest, highest = neck[-1].mean(axis=0), neck[0].mean(axis=0)
    lumbar = next(mesh.vertices for mesh in reversed(meshes) if mesh.region == "lumbar").mean(axis=0)
    limbs = [
        Limb("trunk", None, np.zeros(3)),
        Limb("neck", "trunk", lowest - shift),
        Limb("head", "neck", highest - shift),
        Limb("pelvis", "trunk", lumbar - shift),
    ]
    for side in "rl":
        for name, (parent, joint) in _PIVOT_JOINTS.items():
            limbs.append(Limb(name.format(s=side), parent.format(s=side), joints[joint.format(s=side)] - shift))
    return tuple(limbs)
