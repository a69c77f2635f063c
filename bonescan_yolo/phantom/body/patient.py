"""Drawing one patient: build and posture, and the draws that the other modules share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bonescan_yolo.phantom.body.posing import Pose
from bonescan_yolo.phantom.parameters import PatientConfig, Span

MODEL_HEIGHT_MM = 1690.0
"""Height of the neutral skeleton, sole to crown."""

CHILD_FAT = 0.4
"""Children's soft tissue beside that of adults."""

HEAD_SIZE = 1.08
"""The model's head is small for its body beside those of real scans."""

NECK_LENGTH = 1.2
"""Its neck is short: collarbones lie further below the chin."""

SHOULDER_WIDTH = 1.04
"""Its shoulders are narrow."""

ARM_LENGTH = 1.04
"""Its hands reach less far down."""

LEG_WIDTH = 1.15
"""Its knees are narrow."""

THIGH_LENGTH, SHANK_LENGTH = 1.018, 0.982
"""And they stand high."""

SHANK_IN_DEG = 3.5
"""From knees to ankles legs draw nearer."""


@dataclass(frozen=True)
class Patient:
    """One patient: pose, thickness of the soft tissue, and where the body lies in the frame.

    is_child: has growth plates. fat_mm: soft tissue beyond a lean body's. head_top: empty rows above the head,
    as a part of the frame. off_centre_px: shift to the right in the anterior view.
    """

    pose: Pose
    is_child: bool
    fat_mm: float
    head_top: float
    off_centre_px: float


def draw_span(rng: np.random.Generator, span: Span) -> float:
    """Return a uniform draw from a range."""
    return float(rng.uniform(*span))


def draw_log_span(rng: np.random.Generator, span: Span) -> float:
    """Return a draw from a range whose logarithm is uniform: for strengths that span an order of magnitude."""
    return float(np.exp(rng.uniform(*np.log(span))))


def draw_patient(rng: np.random.Generator, config: PatientConfig) -> Patient:
    """Return a patient's build and posture."""
    is_child = bool(rng.random() < config.child_share)
    height_mm = draw_span(rng, config.child_height_mm if is_child else config.height_mm)
    fat_mm = draw_span(rng, config.fat_mm) * (CHILD_FAT if is_child else 1.0)
    sway_mm = draw_span(rng, config.sway_mm)
    if rng.random() < config.scoliosis_share:
        sway_mm = draw_span(rng, config.scoliosis_mm)
    pose = Pose(
        scales=_draw_scales(rng, config, height_mm, fat_mm),
        turns=_draw_turns(rng, config, fat_mm),
        sway_mm=sway_mm,
        breath_mm=draw_span(rng, config.breath_mm),
        droop=draw_span(rng, config.rib_droop),
        fall=draw_span(rng, config.rib_fall),
        sway_phase=float(rng.uniform(0, 2 * np.pi)),
        roll_deg=draw_span(rng, config.roll_deg),
        tilt_deg=draw_span(rng, config.tilt_deg),
    )
    return Patient(pose, is_child, fat_mm, draw_span(rng, config.head_top), draw_span(rng, config.off_centre_px))


def vary(rng: np.random.Generator, spread: float) -> float:
    """Return a factor around 1, log-normal."""
    return float(np.exp(rng.normal(0.0, spread)))


def _draw_scales(
    rng: np.random.Generator, config: PatientConfig, height_mm: float, fat_mm: float
) -> dict[str, tuple[float, float, float]]:
    """Return the limbs' sizes: one height, then small differences in proportion."""
    size = height_mm / MODEL_HEIGHT_MM
    female = rng.random() < config.female_share
    trunk = size * vary(rng, 0.02)
    width = size * vary(rng, 0.035) * (0.96 if female else 1.0) * (1.0 + 0.0015 * fat_mm)
    legs, arms = size * vary(rng, 0.025), ARM_LENGTH * size * vary(rng, 0.025)
    head = HEAD_SIZE * (0.35 + 0.65 * size) * vary(rng, 0.03)  # heads differ less than bodies
    depth = size * vary(rng, 0.04)
    broad, low = draw_span(rng, config.pelvis_width), draw_span(rng, config.pelvis_height)
    scales = {
        "trunk": (width, depth, trunk),
        "pelvis": (width * broad, depth, trunk * low),
        "neck": (head, head, NECK_LENGTH * trunk),
        "head": (head, head, 1.02 * head),
    }
    for side in "rl":
        for limb in ("arm", "forearm"):
            scales[f"{limb}_{side}"] = (width, depth, arms)
        scales[f"thigh_{side}"] = (LEG_WIDTH * size, size, THIGH_LENGTH * legs)
        scales[f"shank_{side}"] = (LEG_WIDTH * size, size, SHANK_LENGTH * legs)
        for limb in ("hand", "thumb", "foot"):
            scales[f"{limb}_{side}"] = (size, size, size)
        for limb in ("shoulder", "scapula"):
            scales[f"{limb}_{side}"] = (SHOULDER_WIDTH * width, depth, trunk)
    return scales


def _draw_turns(
    rng: np.random.Generator, config: PatientConfig, fat_mm: float
) -> dict[str, tuple[float, float, float]]:
    """Return the limbs' turns in degrees; right limbs mirror left ones, with small differences."""
    head_turn = draw_span(rng, config.head_turn_deg)
    turns = {"neck": (0.0, 0.0, 0.4 * head_turn), "head": (-draw_span(rng, config.head_back_deg), 0.0, 0.6 * head_turn)}
    abduction = draw_span(rng, config.arm_abduction_deg) + 0.15 * max(fat_mm, 0.0)
    palm, spread = draw_span(rng, config.palm_turn_deg), draw_span(rng, config.leg_spread_deg)
    foot, down = draw_span(rng, config.foot_turn_deg), draw_span(rng, config.foot_down_deg)
    hunch, drop = draw_span(rng, config.shoulder_hunch_deg), draw_span(rng, config.shoulder_drop_deg)
    swing = draw_span(rng, config.scapula_swing_deg)
    tilt = draw_span(rng, config.pelvis_tilt_deg)
    turns["pelvis"] = (tilt, 0.0, 0.0)
    for side, mirror in (("r", 1.0), ("l", -1.0)):
        out, sink = abduction + rng.normal(0.0, 2.5), drop + rng.normal(0.0, 1.5)
        bent = rng.normal(6.0, 5.0)
        turned = palm + rng.normal(0.0, 10.0)
        turns[f"shoulder_{side}"] = (-hunch, -mirror * sink, 0.0)
        turns[f"scapula_{side}"] = (0.0, mirror * (swing + rng.normal(0.0, 2.0)), 0.0)
        turns[f"arm_{side}"] = (hunch, mirror * (out + sink), 0.0)
        turns[f"forearm_{side}"] = (-abs(bent), mirror * rng.normal(-1.5 * out, 3.5), mirror * 0.5 * turned)
        turns[f"hand_{side}"] = (rng.normal(0.0, 6.0), mirror * rng.normal(-4.0, 4.0), mirror * 0.5 * turned)
        turns[f"thumb_{side}"] = (rng.normal(18.0, 8.0), mirror * rng.normal(22.0, 7.0), 0.0)
        outward = 0.6 * (foot + rng.normal(0.0, 5.0))
        turns[f"thigh_{side}"] = (-tilt, mirror * (spread + rng.normal(0.0, 1.0)), -mirror * outward)
        turns[f"shank_{side}"] = (rng.normal(2.0, 2.0), -mirror * SHANK_IN_DEG, 0.0)
        turns[f"foot_{side}"] = (down + rng.normal(0.0, 4.0), 0.0, -mirror * 0.4 * foot)
    return turns
