"""How much tracer each bone and the soft tissue of a patient take up, without hot spots."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.phantom.body.anatomy import Skeleton
from bonescan_yolo.phantom.body.patient import draw_span, vary
from bonescan_yolo.phantom.parameters import Prosthesis, UptakeConfig

END_LENGTH = 0.16
"""Part of a long bone, at either end, that is cancellous and takes up more."""

END_GONE_AT = 1.5
"""An end's additional uptake falls from full at half END_LENGTH to nothing at this many END_LENGTHs."""

FAR_BONES = {
    **dict.fromkeys(("humerus", "ulna", "radius", "hand"), "arm"),
    **dict.fromkeys(("patella", "tibia", "fibula", "talus", "foot", "toes"), "leg"),
}
"""Bones whose uptake rises and falls together from patient to patient."""

ONE_COLUMN = {"thoracic": "spine", "lumbar": "spine"}
"""Regions that differ between patients as one, so that the spine shows no step."""

WORN = ("sacroiliac", "manubrium")
"""Bones next to joints, which wear makes differ more between patients than others."""

SHAFTS = ("femur", "humerus")
"""Bones whose marrow is red in some patients and yellow in others, which shows in their shafts."""

GROWING = ("femur", "tibia", "fibula", "humerus", "radius", "ulna")
"""Bones with growth plates at their ends."""

GROWTH_PLATE_AT = 0.055
GROWTH_PLATE_WIDTH = 0.022
"""A growth plate's distance from the end of the bone and half its width, as parts of the bone's length."""


def draw_uptake(
    rng: np.random.Generator, config: UptakeConfig, skeleton: Skeleton, is_child: bool
) -> NDArray[np.float64]:
    """Return the activity of every point of the skeleton, shape (N,).

    A cubic millimetre of an average vertebra has an activity of 1. Regions, single bones and cells of space vary
    log-normally around the configured values. The ends of long bones take up more than their shafts, growth plates
    more than the ends; a prosthesis leaves a hole.
    """
    growth = draw_span(rng, config.growth_plate)
    regions, ends = config.regions.model_dump(), config.joint_ends.model_dump()
    density = np.empty(len(skeleton.points))
    region_factor: dict[str, float] = {}
    far = {limb: vary(rng, config.limb_spread) for limb in ("arm", "leg")}
    for bone in skeleton.bones:
        kind = ONE_COLUMN.get(bone.region, bone.region)
        if kind not in region_factor:
            region_factor[kind] = vary(rng, _spread(config, bone.region))
        level = (
            far.get(FAR_BONES.get(bone.region, ""), 1.0)
            * regions[bone.region]
            * region_factor[kind]
            * vary(rng, config.worn_sides * config.worn_spread if bone.region in WORN else config.bone_spread)
        )
        upper, lower = ends.get(bone.region, (0.0, 0.0))
        along = skeleton.along[bone.span]
        shape = 1.0 + upper * _nearness(along) + lower * _nearness(1.0 - along)
        if is_child and bone.region in GROWING:
            shape += growth * _growth_plates(along)
        density[bone.span] = level * shape
    for cells, spread in zip(skeleton.cells, (config.fine_texture, config.coarse_texture), strict=True):
        density *= np.exp(rng.normal(-(spread**2) / 2, spread, int(cells.max()) + 1))[cells]
    if rng.random() < config.prosthesis_share:
        density *= _prosthesis(rng, config.prosthesis, skeleton)
    relief = skeleton.richness ** draw_span(rng, config.pelvis_relief)
    return np.asarray(density * relief * skeleton.volumes)


def draw_soft_tissue(rng: np.random.Generator, config: UptakeConfig) -> float:
    """Return the activity of a cubic millimetre of a limb's soft tissue; that of an average vertebra is 1.

    On poor scans it hides the bones: the kidneys failed to clear the tracer, or had no time to.
    """
    return draw_span(rng, config.poor_soft_tissue if rng.random() < config.poor_share else config.soft_tissue)


def _spread(config: UptakeConfig, region: str) -> float:
    """Return how much the uptake of a kind of bone differs from patient to patient, as a deviation of its logarithm."""
    if region in WORN:
        return config.worn_spread
    return config.shaft_spread if region in SHAFTS else config.region_spread


def _nearness(from_end: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return 1 near the end of a long bone, falling to 0 in the shaft; `from_end` is a part of its length."""
    return np.asarray(np.clip(END_GONE_AT - from_end / END_LENGTH, 0.0, 1.0), dtype=np.float64)


def _growth_plates(along: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return 1 in the growth plates at both ends, 0 elsewhere."""
    from_end = np.minimum(along, 1.0 - along)
    return (np.abs(from_end - GROWTH_PLATE_AT) < GROWTH_PLATE_WIDTH).astype(np.float64)


def _prosthesis(rng: np.random.Generator, config: Prosthesis, skeleton: Skeleton) -> NDArray[np.float64]:
    """Return a factor for every point, shape (N,): an artificial hip or knee on one side, cold with a warmer rim."""
    factor = np.ones(len(skeleton.points))
    side = "r" if rng.random() < 0.5 else "l"
    hip = rng.random() < config.hip_share

    def replaced(from_end: NDArray[np.float32], metal_to: float, rim_to: float) -> NDArray[np.float64]:
        return np.where(from_end < metal_to, config.metal, np.where(from_end < rim_to, config.rim, 1.0))

    for bone in skeleton.bones:
        along = skeleton.along[bone.span]
        if bone.name == f"femur_{side}":
            stem = config.hip_stem if hip else config.knee_femur
            factor[bone.span] = replaced(along if hip else 1.0 - along, stem, config.rim_of_stem * stem)
        elif bone.name == f"tibia_{side}" and not hip:
            factor[bone.span] = replaced(along, config.knee_tibia, config.knee_tibia_rim)
        elif bone.name == f"patella_{side}" and not hip:
            factor[bone.span] = config.metal
    return factor
