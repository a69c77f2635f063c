"""The only reader of the MyoFullBody model: a mesh for every bone, and the places of the joints.

The model comes with the package `myo_sim` (Apache-2.0, https://github.com/MyoHub/myo_sim), which took its bones
from OpenSim models. It is read from the installed package; no file of it is copied.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.phantom.body import voxels

Mesh = tuple[NDArray[np.float64], NDArray[np.int64]]
"""Vertices (V, 3) in mm and triangles (T, 3)."""

MM_PER_M = 1000.0

RIB_LEAST_VERTICES = 40
RIB_MOST_VERTICES = 110
"""Ribs are the parts of the rib cage's mesh with this many vertices that reach behind the sternum."""

UPPER_CERVICAL_PARTS = 7
"""Parts of the neck's mesh, from the top, that are its first four vertebrae with what is between them."""


@dataclass(frozen=True)
class BoneMesh:
    """A bone's mesh in the neutral pose.

    Attributes:
        name: unique among the meshes.
        region: the kind of bone (`thoracic`, `rib`, `femur`, ...).
        limb: the part it moves with.
        vertices: (V, 3) in mm.
        triangles: (T, 3) rows of `vertices`.
    """

    name: str
    region: str
    limb: str
    vertices: NDArray[np.float64]
    triangles: NDArray[np.int64]


_SINGLE_MESHES = {
    "sacrum_geom_1_sacrum": ("sacrum", "sacrum", "pelvis"),
    **{f"lumbar{n}_geom_1_lumbar{n}": (f"lumbar_{n}", "lumbar", "trunk") for n in range(1, 6)},
    **{f"torso_geom_{13 - n}_thoracic{n}_s": (f"thoracic_{n}", "thoracic", "trunk") for n in range(1, 13)},
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
    "scapula_{s}": ("scapula", "scapula_{s}"),
    "humerus_{s}": ("humerus", "arm_{s}"),
    "ulna_{s}": ("ulna", "forearm_{s}"),
    "radius_{s}": ("radius", "forearm_{s}"),
    "{s}_pelvis": ("pelvis", "pelvis"),
    "{s}_femur": ("femur", "thigh_{s}"),
    "{s}_tibia": ("tibia", "shank_{s}"),
    "{s}_fibula": ("fibula", "shank_{s}"),
    "{s}_patella": ("patella", "shank_{s}"),
    "{s}_talus": ("talus", "foot_{s}"),
    **{f"{bone}_{{s}}": ("hand", "hand_{s}") for bone in _HAND},
    **{f"{bone}_{{s}}": ("hand", "thumb_{s}") for bone in _THUMB},
}


def read() -> tuple[list[BoneMesh], dict[str, NDArray[np.float64]]]:
    """Return all bones, from the head down, and the places of the joints by name, in mm, in the neutral pose.

    Axes: x to the patient's left, y to the back, z up; the origin is the model's.

    Raises:
        BonescanError: `myo-sim` or `mujoco` is not installed.
    """
    meshes, joints = _read_model()
    return list(_bone_meshes(meshes)), joints


def _read_model() -> tuple[dict[str, Mesh], dict[str, NDArray[np.float64]]]:
    """Return the meshes (vertices in mm, triangles) and joint places (mm) of MyoFullBody in its neutral pose.

    Some joints of the right hand have no side in their name; here they get one.
    """
    try:
        import mujoco
        import myo_sim
    except ImportError as error:
        raise BonescanError(
            f'{error.name}: is not installed, and simulating needs it; pip install "bonescan_yolo[simulate]"'
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
            (turned + data.geom_xpos[geom]) * MM_PER_M,
            model.mesh_face[face : face + faces].astype(np.int64),
        )
    joints = {model.joint(index).name: data.xanchor[index] * MM_PER_M for index in range(model.njnt)}
    return meshes, {name if name[-2:] in ("_r", "_l") else f"{name}_r": place for name, place in joints.items()}


def _ignore(_message: str) -> None:
    """Take MuJoCo's warnings about how the model was put together, which do not concern its meshes."""


def _bone_meshes(meshes: dict[str, Mesh]) -> Iterator[BoneMesh]:
    """Yield one mesh per bone, the joined ones (rib cage, neck, feet) taken apart."""
    yield BoneMesh("skull", "skull", "head", *meshes["hat_skull"])
    yield BoneMesh("jaw", "jaw", "head", *meshes["hat_jaw"])
    for number, part in enumerate(voxels.connected_parts(*meshes["hat_cervical"]), start=1):
        region = "upper_cervical" if number <= UPPER_CERVICAL_PARTS else "cervical"
        yield BoneMesh(f"cervical_{number}", region, "neck", *part)
    yield from _rib_cage(*meshes["torso_geom_13_ribcage_s"])
    for key, (name, region, limb) in _SINGLE_MESHES.items():
        yield BoneMesh(name, region, limb, *meshes[key])
    for side in "rl":
        for pattern, (region, limb) in _SIDED_MESHES.items():
            stem = region if region != "hand" else pattern.removesuffix("_{s}")
            yield BoneMesh(f"{stem}_{side}", region, limb.format(s=side), *meshes[pattern.format(s=side)])
        yield BoneMesh(f"hindfoot_{side}", "foot", f"foot_{side}", *meshes[f"{side}_foot"])
        yield BoneMesh(f"toes_{side}", "toes", f"foot_{side}", *meshes[f"{side}_bofoot"])


def _rib_cage(vertices: NDArray[np.float64], triangles: NDArray[np.int64]) -> Iterator[BoneMesh]:
    """Yield 24 ribs and the plate of sternum and cartilages; the mesh also has an emblem, which is left out."""
    ribs: dict[str, int] = {"r": 0, "l": 0}
    parts = voxels.connected_parts(vertices, triangles)
    plate = max((points for points, _ in parts), key=lambda points: float(np.ptp(points[:, 2])))
    middle = float(plate[:, 0].mean())
    for points, faces in parts:
        if points is plate:
            yield BoneMesh("sternum", "sternum", "trunk", points, faces)
        elif RIB_LEAST_VERTICES <= len(points) <= RIB_MOST_VERTICES and points[:, 1].max() > plate[:, 1].max():
            side = "r" if float(points[:, 0].mean()) < middle else "l"
            ribs[side] += 1
            yield BoneMesh(f"rib_{ribs[side]}_{side}", "rib", "trunk", points, faces)
