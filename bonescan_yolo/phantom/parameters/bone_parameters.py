"""Types and bounds of the section `uptake` of `configs/phantom.yaml`, which explains each key."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bonescan_yolo.config import Config
from bonescan_yolo.phantom.parameters.ranges import MOST, NotNegative, NotNegativeSpan, Positive, Share

_MoreThanNothing = Annotated[float, Field(gt=-1.0, le=MOST)]
Ends = tuple[_MoreThanNothing, _MoreThanNothing]
"""What the upper and the lower end of a bone take up in addition to its middle, as a part of it."""


class RegionUptake(Config):
    """Uptake of each kind of bone; of long bones that of the shaft."""

    skull: Positive
    skull_base: Positive
    face: Positive
    cheek: Positive
    teeth: Positive
    jaw: Positive
    jaw_branch: Positive
    upper_cervical: Positive
    cervical: Positive
    thoracic: Positive
    lumbar: Positive
    sacrum: Positive
    pelvis: Positive
    sacroiliac: Positive
    rib: Positive
    sternum: Positive
    manubrium: Positive
    cartilage: Positive
    clavicle: Positive
    scapula: Positive
    humerus: Positive
    ulna: Positive
    radius: Positive
    hand: Positive
    femur: Positive
    patella: Positive
    tibia: Positive
    fibula: Positive
    talus: Positive
    foot: Positive
    toes: Positive


class JointEnds(Config):
    """How much more the upper and the lower end of a bone take up than its middle: 1 doubles it, -0.5 halves it."""

    humerus: Ends
    ulna: Ends
    radius: Ends
    femur: Ends
    tibia: Ends
    fibula: Ends
    clavicle: Ends
    scapula: Ends
    rib: Ends
    sternum: Ends
    sacrum: Ends
    pelvis: Ends


class Prosthesis(Config):
    """An artificial hip or knee: uptake of metal and rim, and how far they reach."""

    hip_share: Share
    metal: NotNegative
    rim: NotNegative
    hip_stem: Share
    knee_femur: Share
    knee_tibia: Share
    rim_of_stem: Positive
    knee_tibia_rim: Share


class UptakeConfig(Config):
    """Normal uptake, relative to a vertebra."""

    regions: RegionUptake
    joint_ends: JointEnds
    soft_tissue: NotNegativeSpan
    poor_share: Share
    poor_soft_tissue: NotNegativeSpan
    trunk_tissue: Positive
    tissue_texture: Share
    growth_plate: NotNegativeSpan
    prosthesis_share: Share
    prosthesis: Prosthesis
    region_spread: Share
    limb_spread: Share
    shaft_spread: Share
    bone_spread: Share
    worn_spread: Share
    worn_sides: NotNegative
    pelvis_relief: NotNegativeSpan
    fine_texture: Share
    coarse_texture: Share
