"""Types and bounds of the section `physiology` of `configs/phantom.yaml`, which explains each key."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bonescan_yolo.config import Config
from bonescan_yolo.phantom.parameters.ranges import (
    MOST_COUNT,
    Counts,
    NormalDraw,
    NotNegative,
    NotNegativeSpan,
    Number,
    Positive,
    PositiveSpan,
    Share,
    Span,
)


class Site(Config):
    """One kind of benign or physiological focus.

    Attributes:
        share: how often it is there.
        marked: how often a reader who sees it gives it a box.
        abnormal_mm: sizes, from and below, at which that box is abnormal.
        least_over_median: how far above the median of its surroundings readers ask it to be; None: as any hot spot.
        gain: its uptake.
        radius_mm: half its size.
    """

    share: Share
    marked: Share = 1.0
    abnormal_mm: NotNegativeSpan = (0.0, 0.0)
    least_over_median: Positive | None = None
    gain: PositiveSpan
    radius_mm: PositiveSpan


class Bladder(Config):
    """Shape and place of the bladder and its lobes."""

    width: PositiveSpan
    dome_floor: Span
    aside_spread_mm: NotNegative
    behind_neck: Number
    forward_mm: Number
    raised_mm: NormalDraw
    dome_raised_spread_mm: NotNegative
    most_lobes: Annotated[int, Field(ge=0, le=MOST_COUNT)]
    lobe_aside: Span
    lobe_up: Span
    lobe_size: PositiveSpan
    lobe_gain: NotNegativeSpan


class PelvicTissue(Config):
    """Size and uptake of the parts of the soft tissue between the hips."""

    size: PositiveSpan
    part_gain: NotNegativeSpan


class Kidneys(Config):
    """Size and place of the kidneys and of a hot renal pelvis."""

    size: PositiveSpan
    side_gain_spread: Share
    aside_spread_mm: NotNegative
    height_spread_mm: NotNegative
    left_higher_mm: Number
    renal_pelvis_size: PositiveSpan
    renal_pelvis_in_mm: Number
    renal_pelvis_height_spread_mm: NotNegative


class Urine(Config):
    """Place and shape of urine outside the bladder."""

    second_drop_share: Share
    midline_spread_mm: NotNegative
    height_mm: Span
    back_mm: Span
    drop_depth: Positive
    drop_height: PositiveSpan
    halo_gain: NotNegativeSpan
    halo_size: PositiveSpan
    thigh_share: Share
    thigh_aside_mm: Span
    thigh_height_mm: Span
    thigh_drop_size: PositiveSpan
    bag_aside_mm: Span
    bag_height_mm: Span


class Catheter(Config):
    """Tube and bottle of a catheter."""

    gain: PositiveSpan
    height_mm: Span
    bottle_aside_mm: Span
    bottle_radius_mm: PositiveSpan
    bottle_length_mm: PositiveSpan
    lean_spread_deg: NotNegative
    loop_aside_mm: Span
    loop_height_mm: Span
    tube_radius_mm: Positive
    tube_filled: NotNegativeSpan


class InjectedVein(Config):
    """Where tracer stays at the vein (weights, which need not add up to 1), and the shape of that focus."""

    elbow: NotNegative
    forearm: NotNegative
    hand: NotNegative
    place_spread_mm: NotNegative
    thickness: Positive
    length: PositiveSpan


class Face(Config):
    """Nasal cavity, teeth and upper jaw."""

    nasal_size: PositiveSpan
    nasal_part_gain: NotNegativeSpan
    hot_teeth: Counts
    lower_teeth_share: Share
    molar_spread_mm: NotNegative


class Wear(Config):
    """Number, sides, place and shape of benign foci of bone."""

    axes: PositiveSpan
    joints_alike_share: Share
    both_sides_share: Share
    manubrium_share: Share
    front_crest_share: Share
    crest_height: PositiveSpan
    crest_side_gain: NotNegativeSpan
    rib_spots: Counts
    spine_foci: Counts
    vault_patches: Counts
    rib_ends: Counts
    first_rib_share: Share


class RibRow(Config):
    """Healing fractures in neighbouring ribs."""

    first_rib: Counts
    ribs: Counts
    along: NotNegativeSpan
    along_spread: NotNegative
    gain: PositiveSpan
    radius_mm: PositiveSpan


class PhysiologyConfig(Config):
    """Normal uptake that stands out: urine, injection, face, worn joints."""

    bladder_ml: PositiveSpan
    bladder_gain: PositiveSpan
    full_bladder_share: Share
    full_bladder_gain: PositiveSpan
    bladder_flatness: PositiveSpan
    bladder_lobe_share: Share
    bladder_dome_share: Share
    bladder: Bladder
    pelvic_tissue_gain: PositiveSpan
    pelvic_tissue: PelvicTissue
    kidney_gain: PositiveSpan
    hot_kidney_share: Share
    hot_kidney_gain: PositiveSpan
    kidneys: Kidneys
    urine_drop: Site
    urine_bag: Site
    urine: Urine
    catheter_share: Share
    catheter: Catheter
    injection: Site
    injected_vein: InjectedVein
    face_gain: PositiveSpan
    teeth: Site
    upper_jaw: Site
    nose: Site
    thyroid: Site
    face: Face
    shoulder: Site
    sternoclavicular: Site
    manubrium: Site
    knee: Site
    ankle: Site
    foot: Site
    elbow: Site
    wrist: Site
    iliac_crest: Site
    scapula_tip: Site
    rib_spot: Site
    rib_end: Site
    vault: Site
    spine_wear: Site
    wear: Wear
    rib_row_share: Share
    rib_row: RibRow
