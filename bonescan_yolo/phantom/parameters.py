"""The parameters of the simulator; `configs/phantom.yaml` holds the same values, each explained."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from bonescan_yolo.config import Config


def _ordered(pair: tuple[float, float]) -> tuple[float, float]:
    """Return the pair if its first number is not above its second."""
    if pair[0] > pair[1]:
        raise ValueError(f"a range goes from low to high, [{pair[1]:g}, {pair[0]:g}]")
    return pair


Span = Annotated[tuple[float, float], AfterValidator(_ordered)]
"""Low and high end of a uniform draw."""

Share = Annotated[float, Field(ge=0.0, le=1.0)]
"""A probability or a part of a whole."""

Positive = Annotated[float, Field(gt=0.0)]

_MoreThanNothing = Annotated[float, Field(gt=-1.0)]
Ends = tuple[_MoreThanNothing, _MoreThanNothing]
"""What is added at the upper and the lower end of a bone, as a part of what its middle takes up."""


class CameraConfig(Config):
    """The gamma camera and the workstation behind it."""

    pixel_mm: Span = (2.2, 2.4)
    attenuation_per_mm: Positive = 0.012
    collimator_hole_mm: Positive = 1.5
    collimator_length_mm: Positive = 35.0
    intrinsic_fwhm_mm: Positive = 3.8
    gap_mm: Span = (15.0, 50.0)
    scatter_share: Share = 0.1
    scatter_fwhm_mm: Positive = 90.0
    counts_per_study: Span = (1_400_000, 2_750_000)
    grey_per_count: Span = (0.85, 1.2)
    wraparound_share: Share = 0.03


class PatientConfig(Config):
    """Build and posture."""

    female_share: Share = 0.5
    child_share: Share = 0.02
    child_height_mm: Span = (1050.0, 1470.0)
    height_mm: Span = (1430.0, 1740.0)
    fat_mm: Span = (-10.0, 15.0)
    arm_abduction_deg: Span = (4.8, 12.6)
    breath_mm: Span = (0.0, 5.0)
    rib_droop: Span = (0.14, 0.4)
    rib_fall: Span = (0.05, 0.3)
    shoulder_hunch_deg: Span = (0.0, 13.0)
    shoulder_drop_deg: Span = (-20.0, -2.0)
    scapula_swing_deg: Span = (2.0, 21.0)
    palm_turn_deg: Span = (0.0, 80.0)
    pelvis_width: Span = (0.98, 1.16)
    pelvis_height: Span = (0.92, 1.02)
    pelvis_tilt_deg: Span = (0.0, 18.0)
    leg_spread_deg: Span = (-0.4, 2.6)
    foot_turn_deg: Span = (-12.0, 6.0)
    foot_down_deg: Span = (5.0, 38.0)
    head_turn_deg: Span = (-14.0, 14.0)
    head_back_deg: Span = (-6.0, 16.0)
    roll_deg: Span = (-4.0, 4.0)
    tilt_deg: Span = (-1.5, 1.5)
    sway_mm: Span = (0.0, 7.0)
    scoliosis_share: Share = 0.08
    scoliosis_mm: Span = (10.0, 28.0)
    head_top: Span = (0.01, 0.06)
    off_centre_px: Span = (-8.0, 8.0)


class RegionUptake(Config):
    """Uptake of each kind of bone; in long bones that of the shaft."""

    skull: Positive = 1.1
    skull_base: Positive = 0.8
    face: Positive = 1.2
    cheek: Positive = 0.65
    teeth: Positive = 0.3
    jaw: Positive = 1.2
    jaw_branch: Positive = 0.9
    upper_cervical: Positive = 0.8
    cervical: Positive = 1.2
    thoracic: Positive = 0.8
    lumbar: Positive = 1.3
    sacrum: Positive = 0.8
    pelvis: Positive = 0.6
    sacroiliac: Positive = 0.8
    rib: Positive = 0.37
    sternum: Positive = 2.1
    manubrium: Positive = 3.4
    cartilage: Positive = 0.25
    clavicle: Positive = 0.45
    scapula: Positive = 0.65
    humerus: Positive = 0.42
    ulna: Positive = 0.65
    radius: Positive = 0.65
    hand: Positive = 1.1
    femur: Positive = 0.47
    patella: Positive = 1.3
    tibia: Positive = 0.6
    fibula: Positive = 0.36
    talus: Positive = 0.3
    foot: Positive = 0.28
    toes: Positive = 0.14


class JointEnds(Config):
    """How much more the upper and the lower end of a bone take up than its middle: 1 doubles it, -0.5 halves it."""

    humerus: Ends = (0.9, 0.5)
    ulna: Ends = (0.3, 0.3)
    radius: Ends = (0.2, 0.5)
    femur: Ends = (0.45, -0.25)
    tibia: Ends = (0.2, 0.2)
    fibula: Ends = (0.4, 0.4)
    clavicle: Ends = (3.5, 0.2)
    scapula: Ends = (0.5, 0.1)
    rib: Ends = (2.0, 0.8)
    sternum: Ends = (1.0, 0.0)
    sacrum: Ends = (1.2, -0.8)
    pelvis: Ends = (-0.4, 0.8)


class UptakeConfig(Config):
    """Normal uptake per volume, relative to a vertebra."""

    regions: RegionUptake = RegionUptake()
    joint_ends: JointEnds = JointEnds()
    soft_tissue: Span = (0.007, 0.028)
    poor_share: Share = 0.08
    poor_soft_tissue: Span = (0.03, 0.16)
    trunk_tissue: Positive = 2.3
    growth_plate: Span = (3.0, 10.0)
    prosthesis_share: Share = 0.025
    region_spread: Share = 0.25
    limb_spread: Share = 0.25
    shaft_spread: Share = 0.4
    bone_spread: Share = 0.1
    worn_spread: Share = 0.5
    pelvis_relief: Span = (0.2, 1.7)
    fine_texture: Share = 0.22
    coarse_texture: Share = 0.12


class Site(Config):
    """One kind of benign or physiological focus: how often it is there, how often a reader who sees it marks it, which
    sizes then as abnormal, and how far above the median of its surroundings (None: as far as any hot spot), how hot it
    is and how large."""

    share: Share
    marked: Share = 1.0
    abnormal_mm: Span = (0.0, 0.0)
    least_over_median: Positive | None = None
    gain: Span
    radius_mm: Span


class PhysiologyConfig(Config):
    """Normal uptake that stands out: urine, injection, worn joints."""

    bladder_ml: Span = (15.0, 190.0)
    bladder_gain: Span = (0.45, 5.5)
    bladder_flatness: Span = (0.25, 1.5)
    bladder_lobe_share: Share = 0.35
    bladder_dome_share: Share = 0.5
    pelvic_tissue_gain: Span = (0.07, 0.24)
    kidney_gain: Span = (0.22, 0.8)
    face_gain: Span = (0.6, 2.7)
    hot_kidney_share: Share = 0.07
    hot_kidney_gain: Span = (1.2, 5.0)
    urine_drop: Site = Site(share=0.7, gain=(0.8, 6.0), radius_mm=(2.5, 8.0))
    injection: Site = Site(share=0.1, gain=(4.0, 60.0), radius_mm=(3.0, 8.0))
    teeth: Site = Site(
        share=0.8, marked=1.0, abnormal_mm=(28.0, 100.0), least_over_median=1.8, gain=(1.0, 4.5), radius_mm=(5.0, 13.0)
    )
    upper_jaw: Site = Site(
        share=0.36, abnormal_mm=(28.0, 100.0), least_over_median=1.75, gain=(1.0, 6.0), radius_mm=(6.0, 15.0)
    )
    nose: Site = Site(
        share=0.4, marked=1.0, abnormal_mm=(28.0, 100.0), least_over_median=1.75, gain=(1.0, 4.5), radius_mm=(5.5, 12.0)
    )
    thyroid: Site = Site(share=0.75, gain=(0.8, 4.0), radius_mm=(7.0, 13.0))
    shoulder: Site = Site(
        share=0.4, abnormal_mm=(21.0, 100.0), least_over_median=2.2, gain=(0.4, 1.8), radius_mm=(4.0, 16.0)
    )
    sternoclavicular: Site = Site(share=0.25, least_over_median=2.6, gain=(0.8, 5.0), radius_mm=(5.0, 11.0))
    manubrium: Site = Site(share=0.25, least_over_median=2.3, gain=(0.8, 4.0), radius_mm=(7.0, 14.0))
    knee: Site = Site(share=0.4, abnormal_mm=(0.0, 29.0), least_over_median=2.5, gain=(0.4, 2.0), radius_mm=(6.0, 30.0))
    ankle: Site = Site(
        share=0.12, abnormal_mm=(0.0, 100.0), least_over_median=3.0, gain=(0.5, 3.0), radius_mm=(6.0, 13.0)
    )
    foot: Site = Site(
        share=0.04, abnormal_mm=(0.0, 100.0), least_over_median=3.5, gain=(0.6, 3.0), radius_mm=(4.0, 9.0)
    )
    elbow: Site = Site(
        share=0.08, abnormal_mm=(0.0, 100.0), least_over_median=3.0, gain=(0.8, 8.0), radius_mm=(7.0, 20.0)
    )
    wrist: Site = Site(share=0.06, least_over_median=5.0, gain=(0.8, 4.0), radius_mm=(4.0, 9.0))
    iliac_crest: Site = Site(share=0.6, least_over_median=5.0, gain=(0.5, 4.0), radius_mm=(7.0, 20.0))
    scapula_tip: Site = Site(share=0.65, marked=0.0, gain=(0.4, 3.0), radius_mm=(6.0, 14.0))
    rib_spot: Site = Site(share=0.3, marked=0.0, gain=(0.4, 1.1), radius_mm=(4.0, 8.0))
    rib_end: Site = Site(share=0.7, marked=0.0, gain=(0.5, 4.0), radius_mm=(4.0, 8.0))
    vault: Site = Site(share=0.35, marked=0.0, gain=(0.3, 1.3), radius_mm=(18.0, 50.0))
    spine_wear: Site = Site(share=0.1, least_over_median=2.2, gain=(2.0, 8.0), radius_mm=(5.0, 10.0))
    urine_bag: Site = Site(share=0.02, gain=(0.1, 0.8), radius_mm=(35.0, 60.0))
    rib_row_share: Share = 0.02


class Sites(Config):
    """How often a metastasis lies in each kind of bone; weights, which need not add up to 1."""

    thoracic: Positive = 0.45
    lumbar: Positive = 0.4
    upper_cervical: Positive = 0.03
    cervical: Positive = 0.05
    sacrum: Positive = 0.05
    pelvis: Positive = 0.24
    sacroiliac: Positive = 0.04
    rib: Positive = 0.18
    manubrium: Positive = 0.02
    sternum: Positive = 0.06
    scapula: Positive = 0.03
    clavicle: Positive = 0.02
    skull: Positive = 0.08
    skull_base: Positive = 0.05
    face: Positive = 0.07
    jaw: Positive = 0.005
    femur: Positive = 0.055
    humerus: Positive = 0.04
    patella: Positive = 0.006
    tibia: Positive = 0.018
    ulna: Positive = 0.006
    foot: Positive = 0.008


class DiseaseConfig(Config):
    """Bone metastases."""

    healthy_share: Share = 0.6
    few_share: Share = 0.36
    several_share: Share = 0.28
    many_share: Share = 0.32
    many_limbs: Positive = 0.2
    neighbour_share: Share = 0.3
    sites: Sites = Sites()
    gain: Span = (1.2, 15.0)
    radius_mm: Span = (7.0, 26.0)
    many_radius_mm: Span = (4.0, 17.0)
    spine_radius_mm: Span = (3.8, 8.5)
    pelvis_radius_mm: Span = (5.0, 42.0)
    skull_radius_mm: Span = (8.0, 34.0)
    whole_share: Share = 0.03
    streak_share: Share = 0.45
    streak_length: Span = (0.12, 0.65)
    superscan_gain: Span = (1.5, 3.0)
    least_over_median: Positive = 2.5
    skull_least_over_median: Positive = 3.0


class TruthConfig(Config):
    """When a hot spot is seen, and where its box ends."""

    least_contrast: Positive = 0.5
    least_over_median: Positive = 1.75
    least_over_bright: Positive = 1.45
    normal_from_behind: Positive = 1.4
    least_of_bone: Positive = 0.85
    least_cnr: Positive = 6.0
    edge_of_peak: Share = 0.45
    edge_contrast: Positive = 0.25
    deepest_dip: Share = 0.57
    margin_px: int = Field(ge=0, default=1)
    least_side_px: Positive = 3.0


class PhantomConfig(Config):
    """All parameters of the simulator."""

    camera: CameraConfig = CameraConfig()
    patient: PatientConfig = PatientConfig()
    uptake: UptakeConfig = UptakeConfig()
    physiology: PhysiologyConfig = PhysiologyConfig()
    disease: DiseaseConfig = DiseaseConfig()
    truth: TruthConfig = TruthConfig()
