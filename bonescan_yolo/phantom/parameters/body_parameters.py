"""Types and bounds of the sections `camera` and `patient` of `configs/phantom.yaml`, which explains each key."""

from __future__ import annotations

from bonescan_yolo.config import Config
from bonescan_yolo.phantom.parameters.ranges import (
    NormalDraw,
    NotNegative,
    NotNegativeSpan,
    Number,
    Positive,
    PositiveSpan,
    Share,
    Span,
)


class CameraConfig(Config):
    """The gamma camera and its workstation."""

    pixel_mm: PositiveSpan
    attenuation_per_mm: Positive
    collimator_hole_mm: Positive
    collimator_length_mm: Positive
    intrinsic_fwhm_mm: Positive
    gap_mm: NotNegativeSpan
    scatter_share: Share
    scatter_fwhm_mm: Positive
    counts_per_study: PositiveSpan
    grey_total: PositiveSpan | None
    grey_per_count: PositiveSpan
    least_of_peak: NotNegativeSpan
    wraparound_share: Share
    display_gamma: PositiveSpan
    smoothing_px: NotNegativeSpan


class Proportions(Config):
    """How patients of one height differ."""

    trunk_length_spread: Share
    width_spread: Share
    depth_spread: Share
    leg_length_spread: Share
    arm_length_spread: Share
    head_spread: Share
    head_follows_height: Share
    female_width: Positive
    width_per_fat_mm: Number


class SideSpread(Config):
    """How much one side of a patient differs from the drawn angle: standard deviations in degrees."""

    arm_abduction: NotNegative
    shoulder_drop: NotNegative
    scapula_swing: NotNegative
    forearm: NotNegative
    palm_turn: NotNegative
    leg_spread: NotNegative
    foot_turn: NotNegative
    foot_down: NotNegative


class Joints(Config):
    """Joints that are drawn for each side, in degrees."""

    elbow_bend: NormalDraw
    forearm_in_per_abduction: Number
    wrist_bend: NormalDraw
    wrist_aside: NormalDraw
    thumb_bend: NormalDraw
    thumb_aside: NormalDraw
    knee_bend: NormalDraw


class PatientConfig(Config):
    """Build and posture."""

    female_share: Share
    child_share: Share
    child_height_mm: PositiveSpan
    height_mm: PositiveSpan
    fat_mm: Span
    child_fat: NotNegative
    arm_abduction_deg: Span
    arm_abduction_per_fat_mm: Number
    breath_mm: Span
    rib_droop: Span
    rib_fall: Span
    shoulder_hunch_deg: Span
    shoulder_drop_deg: Span
    scapula_swing_deg: Span
    palm_turn_deg: Span
    pelvis_width: PositiveSpan
    pelvis_height: PositiveSpan
    pelvis_tilt_deg: Span
    leg_spread_deg: Span
    foot_turn_deg: Span
    foot_down_deg: Span
    head_turn_deg: Span
    head_back_deg: Span
    roll_deg: Span
    tilt_deg: Span
    sway_mm: Span
    scoliosis_share: Share
    scoliosis_mm: Span
    head_top: Span
    off_centre_px: Span
    proportions: Proportions
    side_spread_deg: SideSpread
    joints_deg: Joints
