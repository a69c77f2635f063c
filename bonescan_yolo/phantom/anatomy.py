"""The skeleton: points in every bone, in a neutral standing pose, and the limbs that can be posed.

The meshes are those of the MyoFullBody model of `myo_sim` (Apache-2.0, https://github.com/MyoHub/myo_sim),
which takes them from OpenSim models. They are read from the installed package; no file of it is copied.

Coordinates, in mm: x towards the patient's left, y towards the back, z towards the head; the midline is x = 0,
the soles are near z = 0.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.phantom import voxels

FINE_STEP_MM = 2.2
"""Grid step in thin bones (ribs, hands, feet, shoulder blades)."""

COARSE_STEP_MM = 3.4
"""Grid step in thick bones; about 200,000 points in all."""

FILL_SEED = 0
"""Seed of the jitter of the points, the same for every patient."""

STERNUM_HALF_WIDTH_MM = 16.0
MANUBRIUM_HALF_WIDTH_MM = 27.0
MANUBRIUM_LENGTH_MM = 46.0
"""What of the mesh of sternum and rib cartilages is sternum: a band about the midline."""

FACE_FRONT_PART = 0.55
FACE_HEIGHT_PART = 0.55
"""What of the skull is face: the front 55 % of its depth in the lower 55 % of its height."""

RIB_LEAST_VERTICES = 40
RIB_MOST_VERTICES = 110
"""Ribs are the parts of the rib cage's mesh with this many vertices that reach behind the sternum."""

BASE_HEIGHT_PART = 0.3
"""What of the skull is its base: the lower 30 % behind the face."""

SACROILIAC_HALF_WIDTH_MM = 62.0
SACROILIAC_DEPTH_MM = 62.0
"""What of the pelvis is sacroiliac joint: what lies this near to the midline and to its hindmost point."""

TEXTURE_CELLS_MM = (9.0, 28.0)
"""Edges of the cells in which bone is given uneven uptake: a vertebra holds a few of the small ones."""


@dataclass(frozen=True)
class Bone:
    """A bone, or a pair of rib and side: the points `start` to `stop` of the skeleton.

    `region` is the structure that uptake and lesions are drawn for (`thoracic`, `rib`, `femur`, ...), `limb`
    the posable part it moves with.
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
    """A part that moves as one: what it hangs on and the joint it turns about (mm, neutral pose)."""

    name: str
    parent: str | None
    pivot: NDArray[np.float64]


@dataclass(frozen=True)
class Skeleton:
    """Every bone as points in the neutral pose.

    points: (N, 3) float32, mm. volumes: (N,) float32, mm^3 a point stands for. along: (N,) float32, 0 at the
    upper end of the point's bone and 1 at the lower (ribs: from the back, shoulder girdle: from the midline).
    cells: for each size in TEXTURE_CELLS_MM, (N,) int32, the number of the cell of space that the point lies in.
    """

    points: NDArray[np.float32]
    volumes: NDArray[np.float32]
    along: NDArray[np.float32]
    cells: tuple[NDArray[np.int32], ...]
    bones: tuple[Bone, ...]
    limbs: tuple[Limb, ...]

    def bones_of(self, region: str) -> tuple[Bone, ...]:
        """Return the bones of a region, in their order from head to foot, right before left."""
        return tuple(bone for bone in self.bones if bone.region == region)


@dataclass(frozen=True)
class _Mesh:
    """A bone's mesh, in mm, in the neutral pose."""

    name: str
    region: str
    limb: str
    vertices: NDArray[np.float64]
    triangles: NDArray[np.int64]


_SINGLE_MESHES = {
    "sacrum_geom_1_sacrum": ("sacrum", "sacrum"),
    **{f"lumbar{n}_geom_1_lumbar{n}": (f"lumbar_{n}", "lumbar") for n in range(1, 6)},
    **{f"torso_geom_{13 - n}_thoracic{n}_s": (f"thoracic_{n}", "thoracic") for n in range(1, 13)},
}
_HAND = [
    "lunate",
    "scaphoid",
    "pisiform",
    "triquetrum",
    "capitate",
    "trapezium",
    "trapezoid",
    "hamate",
    "2mc",
    "3mc",
    "4mc",
    "5mc",
    "2proxph",
    "2midph",
    "2distph",
    "3proxph",
    "3midph",
    "3distph",
    "4proxph",
    "4midph",
    "4distph",
    "5proxph",
    "5midph",
    "5distph",
]
_THUMB = ["1mc", "thumbprox", "thumbdist"]
_SIDED_MESHES = {
    "clavicle_{s}": ("clavicle", "shoulder_{s}"),
    "scapula_{s}": ("scapula", "shoulder_{s}"),
    "humerus_{s}": ("humerus", "arm_{s}"),
    "ulna_{s}": ("ulna", "forearm_{s}"),
    "radius_{s}": ("radius", "forearm_{s}"),
    "{s}_pelvis": ("pelvis", "trunk"),
    "{s}_femur": ("femur", "thigh_{s}"),
    "{s}_tibia": ("tibia", "shank_{s}"),
    "{s}_fibula": ("fibula", "shank_{s}"),
    "patella_{s}": ("patella", "shank_{s}"),
    "{s}_patella": ("patella", "shank_{s}"),
    "{s}_talus": ("talus", "foot_{s}"),
    **{f"{bone}_{{s}}": ("hand", "hand_{s}") for bone in _HAND},
    **{f"{bone}_{{s}}": ("hand", "thumb_{s}") for bone in _THUMB},
}
_PIVOT_JOINTS = {
    "shoulder_{s}": ("trunk", "sternoclavicular_r2_{s}"),
    "arm_{s}": ("shoulder_{s}", "shoulder_elv_{s}"),
    "forearm_{s}": ("arm_{s}", "elbow_flexion_{s}"),
    "hand_{s}": ("forearm_{s}", "flexion_{s}"),
    "thumb_{s}": ("hand_{s}", "cmc_abduction_{s}"),
    "thigh_{s}": ("trunk", "hip_flexion_{s}"),
    "shank_{s}": ("thigh_{s}", "knee_angle_{s}"),
    "foot_{s}": ("shank_{s}", "ankle_angle_{s}"),
}
_THICK = {"skull", "femur", "tibia", "humerus", "pelvis", "sacrum", "lumbar", "thoracic", "cervical", "patella"}
_HOLLOW = {"skull", "pelvis"}
_SHAFTED = {"femur", "tibia", "fibula", "humerus", "radius", "ulna"}


def load_skeleton() -> Skeleton:
    """Read the meshes of `myo_sim`, fill them with points and return the skeleton; takes about 3 seconds.

    Raises:
        BonescanError: `myo-sim` or `mujoco` is not installed.
    """
    meshes, joints = _read_model()
    bones_in = list(_bone_meshes(meshes))
    middle = float(np.mean([mesh.vertices[:, 0].mean() for mesh in bones_in if mesh.region == "lumbar"]))
    floor = min(float(mesh.vertices[:, 2].min()) for mesh in bones_in)
    shift = np.array([middle, 0.0, floor])
    rng = np.random.default_rng(FILL_SEED)
    points, volumes, along, bones, start = [], [], [], [], 0
    for mesh in bones_in:
        step = COARSE_STEP_MM if mesh.region in _THICK else FINE_STEP_MM
        filled = voxels.fill(mesh.vertices, mesh.triangles, step, rng, hollow=mesh.region in _HOLLOW)
        for name, region, part in _finer_parts(mesh, filled, middle):
            points.append(part - shift)
            volumes.append(np.full(len(part), step**3))
            along.append(_along(region, part, middle))
            bones.append(Bone(name, region, mesh.limb, start, start + len(part)))
            start += len(part)
    placed = np.concatenate(points)
    return Skeleton(
        points=placed.astype(np.float32),
        volumes=np.concatenate(volumes).astype(np.float32),
        along=np.concatenate(along).astype(np.float32),
        cells=tuple(_cells(placed, size) for size in TEXTURE_CELLS_MM),
        bones=tuple(bones),
        limbs=_limbs(joints, bones_in, shift),
    )


def is_long_bone(region: str) -> bool:
    """Return whether bones of the region have a shaft between two ends."""
    return region in _SHAFTED


def _read_model() -> tuple[dict[str, tuple[NDArray[np.float64], NDArray[np.int64]]], dict[str, NDArray[np.float64]]]:
    """Return the meshes (vertices in mm, triangles) and joint places (mm) of MyoFullBody in its neutral pose."""
    try:
        import mujoco
        import myo_sim
    except ImportError as error:
        raise BonescanError(
            f"{error.name}: is not installed; run `pip install -r requirements.txt` to simulate scans"
        ) from error
    mujoco.set_mju_user_warning(_ignore)  # else it writes MUJOCO_LOG.TXT into the working folder
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model, _ = myo_sim.load("myofullbody")
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    meshes = {}
    for geom in np.flatnonzero(model.geom_type == mujoco.mjtGeom.mjGEOM_MESH):
        mesh = model.mesh(model.geom_dataid[geom])
        first, count = int(mesh.vertadr[0]), int(mesh.vertnum[0])
        face, faces = int(mesh.faceadr[0]), int(mesh.facenum[0])
        turned = model.mesh_vert[first : first + count] @ data.geom_xmat[geom].reshape(3, 3).T
        meshes[mesh.name] = (
            (turned + data.geom_xpos[geom]) * 1000.0,
            model.mesh_face[face : face + faces].astype(np.int64),
        )
    joints = {model.joint(index).name: data.xanchor[index] * 1000.0 for index in range(model.njnt)}
    return meshes, joints


def _ignore(_message: str) -> None:
    """Take MuJoCo's warnings about how the model was put together, which do not concern its meshes."""


def _bone_meshes(meshes: dict[str, tuple[NDArray[np.float64], NDArray[np.int64]]]) -> Iterator[_Mesh]:
    """Yield one mesh per bone, the joined ones (rib cage, neck, feet) taken apart."""
    yield _Mesh("skull", "skull", "head", *meshes["hat_skull"])
    yield _Mesh("jaw", "jaw", "head", *meshes["hat_jaw"])
    for number, part in enumerate(voxels.connected_parts(*meshes["hat_cervical"]), start=1):
        yield _Mesh(f"cervical_{number}", "cervical", "neck", *part)
    yield from _rib_cage(*meshes["torso_geom_13_ribcage_s"])
    for key, (name, region) in _SINGLE_MESHES.items():
        yield _Mesh(name, region, "trunk", *meshes[key])
    for side in "rl":
        for pattern, (region, limb) in _SIDED_MESHES.items():
            if (key := pattern.format(s=side)) in meshes:
                stem = region if region != "hand" else pattern.removesuffix("_{s}")
                yield _Mesh(f"{stem}_{side}", region, limb.format(s=side), *meshes[key])
        yield _Mesh(f"hindfoot_{side}", "foot", f"foot_{side}", *meshes[f"{side}_foot"])
        yield _Mesh(f"toes_{side}", "toes", f"foot_{side}", *meshes[f"{side}_bofoot"])


def _rib_cage(vertices: NDArray[np.float64], triangles: NDArray[np.int64]) -> Iterator[_Mesh]:
    """Yield 24 ribs and the plate of sternum and cartilages; the mesh also holds an emblem, which is left out."""
    ribs: dict[str, int] = {"r": 0, "l": 0}
    parts = voxels.connected_parts(vertices, triangles)
    plate = max((points for points, _ in parts), key=lambda points: float(np.ptp(points[:, 2])))
    middle = float(plate[:, 0].mean())
    for points, faces in parts:
        if points is plate:
            yield _Mesh("sternum", "sternum", "trunk", points, faces)
        elif RIB_LEAST_VERTICES <= len(points) <= RIB_MOST_VERTICES and points[:, 1].max() > plate[:, 1].max():
            side = "r" if float(points[:, 0].mean()) < middle else "l"
            ribs[side] += 1
            yield _Mesh(f"rib_{ribs[side]}_{side}", "rib", "trunk", points, faces)


def _finer_parts(
    mesh: _Mesh, points: NDArray[np.float64], middle: float
) -> Iterator[tuple[str, str, NDArray[np.float64]]]:
    """Yield (name, region, points) of what one mesh holds.

    The skull is parted into vault, base and face, sternum and manubrium are taken off the cartilages, and the
    sacroiliac joint off the pelvis. `middle` is the x of the midline.
    """
    if mesh.region == "skull":
        low, high = points.min(axis=0), points.max(axis=0)
        place = (points - low) / (high - low)
        face = (place[:, 1] < FACE_FRONT_PART) & (place[:, 2] < FACE_HEIGHT_PART)
        base = ~face & (place[:, 2] < BASE_HEIGHT_PART)
        yield "skull", "skull", points[~face & ~base]
        yield "skull_base", "skull_base", points[base]
        yield "face", "face", points[face]
    elif mesh.region == "sternum":
        aside = np.abs(points[:, 0] - points[:, 0].mean())
        manubrium = points[:, 2] > points[:, 2].max() - MANUBRIUM_LENGTH_MM
        sternum = aside < np.where(manubrium, MANUBRIUM_HALF_WIDTH_MM, STERNUM_HALF_WIDTH_MM)
        yield "manubrium", "manubrium", points[sternum & manubrium]
        yield "sternum", "sternum", points[sternum & ~manubrium]
        yield "costal_cartilage", "cartilage", points[~sternum]
    elif mesh.region == "pelvis":
        inward = np.abs(points[:, 0] - middle) < SACROILIAC_HALF_WIDTH_MM
        joint = inward & (points[:, 1] > points[:, 1].max() - SACROILIAC_DEPTH_MM)
        yield mesh.name, "pelvis", points[~joint]
        yield f"sacroiliac_{mesh.name[-1]}", "sacroiliac", points[joint]
    else:
        yield mesh.name, mesh.region, points


def _cells(points: NDArray[np.float64], size_mm: float) -> NDArray[np.int32]:
    """Return the number, from 0, of the cube of `size_mm` that each point lies in; empty cubes have none."""
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


def _limbs(joints: dict[str, NDArray[np.float64]], meshes: list[_Mesh], shift: NDArray[np.float64]) -> tuple[Limb, ...]:
    """Return the posable parts, each after the one it hangs on."""
    neck = [mesh.vertices for mesh in meshes if mesh.region == "cervical"]
    lowest, highest = neck[-1].mean(axis=0), neck[0].mean(axis=0)
    limbs = [
        Limb("trunk", None, np.zeros(3)),
        Limb("neck", "trunk", lowest - shift),
        Limb("head", "neck", highest - shift),
    ]
    for side in "rl":
        for name, (parent, joint) in _PIVOT_JOINTS.items():
            limbs.append(Limb(name.format(s=side), parent.format(s=side), _joint(joints, joint, side) - shift))
    return tuple(limbs)


def _joint(joints: dict[str, NDArray[np.float64]], pattern: str, side: str) -> NDArray[np.float64]:
    """Return a joint's place; some joints of the model's right hand bear no side in their name."""
    name = pattern.format(s=side)
    return joints[name] if name in joints else joints[pattern.removesuffix("_{s}")]
