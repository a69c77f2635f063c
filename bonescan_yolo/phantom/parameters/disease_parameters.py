"""Types and bounds of the sections `disease` and `truth` of `configs/phantom.yaml`, which explains each key."""

from __future__ import annotations

from pydantic import Field

from bonescan_yolo.config import Config
from bonescan_yolo.phantom.parameters.ranges import (
    MOST_COUNT,
    Counts,
    NormalDraw,
    NotNegative,
    NotNegativeSpan,
    Positive,
    PositiveSpan,
    Share,
)


class Sites(Config):
    """How often a metastasis is in each kind of bone: weights, which need not add up to 1."""

    thoracic: Positive
    lumbar: Positive
    upper_cervical: Positive
    cervical: Positive
    sacrum: Positive
    pelvis: Positive
    sacroiliac: Positive
    rib: Positive
    manubrium: Positive
    sternum: Positive
    scapula: Positive
    clavicle: Positive
    skull: Positive
    skull_base: Positive
    face: Positive
    jaw: Positive
    femur: Positive
    humerus: Positive
    patella: Positive
    tibia: Positive
    ulna: Positive
    foot: Positive


class LongBones(Config):
    """Where along femur and humerus lesions are."""

    near_end: Positive
    far_end: Positive
    far_end_odds: NotNegative


class DiffuseConfig(Config):
    """Disease that fills a large part of the marrow in patches which flow together."""

    bones: NotNegativeSpan
    bones_spread: NotNegativeSpan
    gain: PositiveSpan
    bone_gain_spread: NotNegative
    patches: NotNegativeSpan
    texture: NotNegative
    near_end: Share
    foci: Counts
    foci_gain: Positive


class DiseaseConfig(Config):
    """Bone metastases."""

    healthy_share: Share
    few_share: Share
    several_share: Share
    many_share: Share
    diffuse_share: Share
    few_lesions: Counts
    several_lesions: Counts
    many_lesions: Counts
    sites: Sites
    lower_spine_odds: Positive
    neighbour_share: Share
    long_bones: LongBones
    gain: PositiveSpan
    gain_of_hottest: NormalDraw
    radius_mm: PositiveSpan
    spine_radius_mm: PositiveSpan
    pelvis_radius_mm: PositiveSpan
    skull_radius_mm: PositiveSpan
    axes: PositiveSpan
    whole_share: Share
    whole_gain: NotNegative
    whole_texture: NotNegativeSpan
    streak_share: Share
    streak_length: PositiveSpan
    streak_middle: NotNegativeSpan
    streak_gain: NotNegative
    streak_texture: NormalDraw
    many_limbs: Positive
    many_radius_mm: PositiveSpan
    many_largest: NotNegativeSpan
    many_gains: NotNegativeSpan
    many_streaks: Share
    diffuse: DiffuseConfig
    superscan_gain: NotNegativeSpan
    superscan_bone_gain: NotNegativeSpan
    superscan_texture: NotNegative
    superscan_foci: Counts
    superscan_foci_gain: Positive
    least_over_median: Positive
    skull_least_over_median: Positive


class TruthConfig(Config):
    """When a hot spot is seen, and where its box ends."""

    least_contrast: Positive
    least_over_median: Positive
    least_over_bright: Positive
    normal_from_behind: Positive
    least_of_bone: Positive
    least_cnr: Positive
    edge_of_peak: Share
    edge_contrast: Positive
    deepest_dip: Share
    most_side_px: Positive
    margin_px: int = Field(ge=0, le=MOST_COUNT)
    least_side_px: Positive
