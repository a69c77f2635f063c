"""Drawing one patient: build and posture, and the draws that the other modules share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.phantom.body.posing import Pose
from bonescan_yolo.phantom.parameters import Counts, NormalDraw, PatientConfig, Span

MODEL_HEIGHT_MM = 1690.0
"""Height of the neutral skeleton, sole to crown."""

HEAD_SIZE, HEAD_HEIGHT = 1.08, 1.02
"""The mesh model's proportions differ from those of real scans. Its head is small for its body, and low."""

NECK_LENGTH = 1.2
"""Its neck is short: on real scans the collarbones are further below the chin."""

SHOULDER_WIDTH = 1.04
"""Its shoulders are narrow."""

ARM_LENGTH = 1.04
"""Its hands are too high."""

LEG_WIDTH = 1.15
"""Its knees are narrow ..."""

THIGH_LENGTH, SHANK_LENGTH = 1.018, 0.982
"""... and too high."""

SHANK_IN_DEG = 3.5
"""Its ankles are as far apart as its knees; on real scans they are nearer."""

NECK_PART_OF_TURN = 0.4
"""Part of the head's turn that is in the neck; the rest is between neck and head."""

HIP_PART_OF_TURN = 0.6
"""Part of a foot's turn that is in the hip; the rest is in the ankle."""

FOREARM_PART_OF_TURN = 0.5
"""Part of a palm's turn that is in the forearm; the rest is in the wrist."""


@dataclass(frozen=True)
class Patient:
    """One patient: pose, thickness of the soft tissue, and place in the frame.

    Attributes:
        pose: build and posture.
        is_child: has growth plates.
        fat_mm: soft tissue beyond that of a lean body.
        head_top: empty rows above the head, as a part of the frame.
        off_centre_px: shift to the right in the anterior view.
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
    """Return a draw whose logarithm is uniform: for values that span an order of magnitude."""
    return float(np.exp(rng.uniform(*np.log(span))))


def draw_patient(rng: np.random.Generator, config: PatientConfig) -> Patient:
    """Return a patient's build and posture."""
    is_child = bool(rng.random() < config.child_share)
    height_mm = draw_span(rng, config.child_height_mm if is_child else config.height_mm)
    fat_mm = draw_span(rng, config.fat_mm) * (config.child_fat if is_child else 1.0)
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


def draw_axes(rng: np.random.Generator, span: Span) -> NDArray[np.float64]:
    """Return a uniform draw from a range for each of the three axes, shape (3,)."""
    return rng.uniform(*span, 3)


def draw_count(rng: np.random.Generator, counts: Counts) -> int:
    """Return a whole number from a range, both ends included; all are as likely."""
    return int(rng.integers(counts[0], counts[1] + 1))


def draw_normal(rng: np.random.Generator, draw: NormalDraw) -> float:
    """Return a normal draw."""
    return float(rng.normal(draw.mean, draw.spread))


def vary(rng: np.random.Generator, spread: float) -> float:
    """Return a factor around 1, log-normal."""
    return float(np.exp(rng.normal(0.0, spread)))


def _draw_scales(
    rng: np.random.Generator, config: PatientConfig, height_mm: float, fat_mm: float
) -> dict[str, tuple[float, float, float]]:
    """Return the limbs' sizes: one height, then small differences in proportion."""
    own = config.proportions
    size = height_mm / MODEL_HEIGHT_MM
    sex_width = own.female_width if rng.random() < config.female_share else 1.0
    trunk = size * vary(rng, own.trunk_length_spread)
    width = size * vary(rng, own.width_spread) * sex_width * (1.0 + own.width_per_fat_mm * fat_mm)
    legs = size * vary(rng, own.leg_length_spread)
    arms = ARM_LENGTH * size * vary(rng, own.arm_length_spread)
    head_of_height = 1.0 - own.head_follows_height + own.head_follows_height * size
    head = HEAD_SIZE * head_of_height * vary(rng, own.head_spread)
    depth = size * vary(rng, own.depth_spread)
    broad, low = draw_span(rng, config.pelvis_width), draw_span(rng, config.pelvis_height)
    scales = {
        "trunk": (width, depth, trunk),
        "pelvis": (width * broad, depth, trunk * low),
        "neck": (head, head, NECK_LENGTH * trunk),
        "head": (head, head, HEAD_HEIGHT * head),
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
    head_turn, neck_part = draw_span(rng, config.head_turn_deg), NECK_PART_OF_TURN
    turns = {
        "neck": (0.0, 0.0, neck_part * head_turn),
        "head": (-draw_span(rng, config.head_back_deg), 0.0, (1.0 - neck_part) * head_turn),
    }
    abduction = draw_span(rng, config.arm_abduction_deg) + config.arm_abduction_per_fat_mm * max(fat_mm, 0.0)
    palm, spread = draw_span(rng, config.palm_turn_deg), draw_span(rng, config.leg_spread_deg)
    foot, down = draw_span(rng, config.foot_turn_deg), draw_span(rng, config.foot_down_deg)
    hunch, drop = draw_span(rng, config.shoulder_hunch_deg), draw_span(rng, config.shoulder_drop_deg)
    swing = draw_span(rng, config.scapula_swing_deg)
    tilt = draw_span(rng, config.pelvis_tilt_deg)
    turns["pelvis"] = (tilt, 0.0, 0.0)
    joints, differ = config.joints_deg, config.side_spread_deg
    for side, mirror in (("r", 1.0), ("l", -1.0)):
        out, sink = abduction + rng.normal(0.0, differ.arm_abduction), drop + rng.normal(0.0, differ.shoulder_drop)
        bent = draw_normal(rng, joints.elbow_bend)
        turned = palm + rng.normal(0.0, differ.palm_turn)
        in_forearm, in_hand = FOREARM_PART_OF_TURN * turned, (1.0 - FOREARM_PART_OF_TURN) * turned
        turns[f"shoulder_{side}"] = (-hunch, -mirror * sink, 0.0)
        turns[f"scapula_{side}"] = (0.0, mirror * (swing + rng.normal(0.0, differ.scapula_swing)), 0.0)
        turns[f"arm_{side}"] = (hunch, mirror * (out + sink), 0.0)
        inwards = rng.normal(-joints.forearm_in_per_abduction * out, differ.forearm)
        turns[f"forearm_{side}"] = (-abs(bent), mirror * inwards, mirror * in_forearm)
        wrist = draw_normal(rng, joints.wrist_bend), mirror * draw_normal(rng, joints.wrist_aside)
        turns[f"hand_{side}"] = (*wrist, mirror * in_hand)
        thumb = draw_normal(rng, joints.thumb_bend), mirror * draw_normal(rng, joints.thumb_aside)
        turns[f"thumb_{side}"] = (*thumb, 0.0)
        outward = HIP_PART_OF_TURN * (foot + rng.normal(0.0, differ.foot_turn))
        turns[f"thigh_{side}"] = (-tilt, mirror * (spread + rng.normal(0.0, differ.leg_spread)), -mirror * outward)
        turns[f"shank_{side}"] = (draw_normal(rng, joints.knee_bend), -mirror * SHANK_IN_DEG, 0.0)
        in_ankle = (1.0 - HIP_PART_OF_TURN) * foot
        turns[f"foot_{side}"] = (down + rng.normal(0.0, differ.foot_down), 0.0, -mirror * in_ankle)
    return turns
