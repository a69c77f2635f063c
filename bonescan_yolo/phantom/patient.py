"""Drawing one patient: build, posture and how strongly each bone takes up the tracer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.phantom.anatomy import Skeleton
from bonescan_yolo.phantom.config import PatientConfig, Span, UptakeConfig
from bonescan_yolo.phantom.posing import Pose

MODEL_HEIGHT_MM = 1690.0
"""Height of the neutral skeleton, sole to crown."""

HEAD_SIZE = 1.08
"""The model's head is small for its body beside those of real scans."""

END_LENGTH = 0.16
"""Part of a long bone, at either end, that is cancellous and takes up more."""


@dataclass(frozen=True)
class Patient:
    """One patient: pose, thickness of the soft tissue, and where the body lies in the frame.

    fat_mm: soft tissue beyond a lean body's. head_top: empty rows above the head, as a part of the frame.
    off_centre_px: shift to the right in the anterior view.
    """

    pose: Pose
    fat_mm: float
    head_top: float
    off_centre_px: float


FAR_BONES = {
    **dict.fromkeys(("humerus", "ulna", "radius", "hand"), "arm"),
    **dict.fromkeys(("patella", "tibia", "fibula", "talus", "foot", "toes"), "leg"),
}
"""Bones whose uptake rises and falls together from patient to patient."""


def draw_span(rng: np.random.Generator, span: Span) -> float:
    """Return a uniform draw from a range."""
    return float(rng.uniform(*span))


def draw_log_span(rng: np.random.Generator, span: Span) -> float:
    """Return a draw from a range whose logarithm is uniform: for strengths that span an order of magnitude."""
    return float(np.exp(rng.uniform(*np.log(span))))


def draw_patient(rng: np.random.Generator, config: PatientConfig) -> Patient:
    """Return a patient's build and posture."""
    fat_mm = draw_span(rng, config.fat_mm)
    sway_mm = draw_span(rng, config.sway_mm)
    if rng.random() < config.scoliosis_share:
        sway_mm = draw_span(rng, config.scoliosis_mm)
    pose = Pose(
        scales=_draw_scales(rng, config, fat_mm),
        turns=_draw_turns(rng, config, fat_mm),
        sway_mm=sway_mm,
        sway_phase=float(rng.uniform(0, 2 * np.pi)),
        roll_deg=draw_span(rng, config.roll_deg),
        tilt_deg=draw_span(rng, config.tilt_deg),
    )
    return Patient(pose, fat_mm, draw_span(rng, config.head_top), draw_span(rng, config.off_centre_px))


def draw_uptake(rng: np.random.Generator, config: UptakeConfig, skeleton: Skeleton) -> NDArray[np.float64]:
    """Return the activity of every point of the skeleton, shape (N,).

    A cubic millimetre of an average vertebra holds 1. Regions, single bones and cells of space vary around
    the configured values (log-normally); the ends of long bones take up more than their shafts.
    """
    regions, ends = config.regions.model_dump(), config.joint_ends.model_dump()
    density = np.empty(len(skeleton.points))
    region_factor: dict[str, float] = {}
    far = {limb: _vary(rng, config.limb_spread) for limb in ("arm", "leg")}
    for bone in skeleton.bones:
        if bone.region not in region_factor:
            region_factor[bone.region] = _vary(rng, config.region_spread)
        level = (
            far.get(FAR_BONES.get(bone.region, ""), 1.0)
            * regions[bone.region]
            * region_factor[bone.region]
            * _vary(rng, config.bone_spread)
        )
        upper, lower = ends.get(bone.region, (0.0, 0.0))
        along = skeleton.along[bone.span]
        density[bone.span] = level * (1.0 + upper * _nearness(along) + lower * _nearness(1.0 - along))
    for cells, spread in zip(skeleton.cells, (config.fine_texture, config.coarse_texture), strict=True):
        density *= np.exp(rng.normal(-(spread**2) / 2, spread, int(cells.max()) + 1))[cells]
    return density * skeleton.volumes


def _nearness(from_end: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return 1 near the end of a long bone, falling to 0 in the shaft; `from_end` is a part of its length."""
    return np.asarray(np.clip(1.5 - from_end / END_LENGTH, 0.0, 1.0), dtype=np.float64)


def _vary(rng: np.random.Generator, spread: float) -> float:
    """Return a factor around 1, log-normal."""
    return float(np.exp(rng.normal(0.0, spread)))


def _draw_scales(
    rng: np.random.Generator, config: PatientConfig, fat_mm: float
) -> dict[str, tuple[float, float, float]]:
    """Return the limbs' sizes: one height, then small differences in proportion."""
    size = draw_span(rng, config.height_mm) / MODEL_HEIGHT_MM
    female = rng.random() < config.female_share
    trunk = size * _vary(rng, 0.02)
    width = size * _vary(rng, 0.035) * (0.96 if female else 1.0) * (1.0 + 0.0015 * fat_mm)
    legs, arms = size * _vary(rng, 0.025), size * _vary(rng, 0.025)
    head = HEAD_SIZE * (0.35 + 0.65 * size) * _vary(rng, 0.03)  # heads differ less than bodies
    depth = size * _vary(rng, 0.04)
    scales = {"trunk": (width, depth, trunk), "neck": (head, head, trunk), "head": (head, head, 1.04 * head)}
    for side in "rl":
        for limb in ("arm", "forearm"):
            scales[f"{limb}_{side}"] = (width, depth, arms)
        for limb in ("thigh", "shank"):
            scales[f"{limb}_{side}"] = (size, size, legs)
        for limb in ("hand", "thumb", "foot"):
            scales[f"{limb}_{side}"] = (size, size, size)
        scales[f"shoulder_{side}"] = (width, depth, trunk)
    return scales


def _draw_turns(
    rng: np.random.Generator, config: PatientConfig, fat_mm: float
) -> dict[str, tuple[float, float, float]]:
    """Return the limbs' turns in degrees; right limbs mirror left ones, with small differences."""
    head_turn = draw_span(rng, config.head_turn_deg)
    turns = {"neck": (0.0, 0.0, 0.4 * head_turn), "head": (draw_span(rng, (-6, 10)), 0.0, 0.6 * head_turn)}
    abduction = draw_span(rng, config.arm_abduction_deg) + 0.15 * max(fat_mm, 0.0)
    palm, spread = draw_span(rng, config.palm_turn_deg), draw_span(rng, config.leg_spread_deg)
    foot, down = draw_span(rng, config.foot_turn_deg), draw_span(rng, config.foot_down_deg)
    drop = draw_span(rng, config.shoulder_drop_deg)
    for side, mirror in (("r", 1.0), ("l", -1.0)):
        out, sink = abduction + rng.normal(0.0, 2.5), drop + rng.normal(0.0, 1.5)
        bent = rng.normal(6.0, 5.0)
        turned = palm + rng.normal(0.0, 10.0)
        turns[f"shoulder_{side}"] = (0.0, -mirror * sink, 0.0)
        turns[f"arm_{side}"] = (0.0, mirror * (out + sink), 0.0)
        turns[f"forearm_{side}"] = (-abs(bent), mirror * rng.normal(-0.8 * out, 4.0), mirror * 0.5 * turned)
        turns[f"hand_{side}"] = (rng.normal(0.0, 6.0), mirror * rng.normal(-4.0, 5.0), mirror * 0.5 * turned)
        turns[f"thumb_{side}"] = (rng.normal(22.0, 8.0), 0.0, 0.0)
        outward = 0.6 * (foot + rng.normal(0.0, 5.0))
        turns[f"thigh_{side}"] = (0.0, mirror * (spread + rng.normal(0.0, 1.0)), -mirror * outward)
        turns[f"shank_{side}"] = (rng.normal(2.0, 2.0), 0.0, 0.0)
        turns[f"foot_{side}"] = (down + rng.normal(0.0, 4.0), 0.0, -mirror * 0.4 * foot)
    return turns
