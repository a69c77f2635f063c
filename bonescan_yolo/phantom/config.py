"""The parameters of the simulator; `configs/phantom.yaml` holds the same values, each explained."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from bonescan_yolo.configs import Config


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


class CameraConfig(Config):
    """The gamma camera and the workstation behind it."""

    pixel_mm: Span = (2.2, 2.4)
    attenuation_per_mm: Positive = 0.012
    collimator_hole_mm: Positive = 1.5
    collimator_length_mm: Positive = 35.0
    intrinsic_fwhm_mm: Positive = 3.8
    gap_mm: Span = (15.0, 50.0)
    scatter_share: Share = 0.12
    scatter_fwhm_mm: Positive = 90.0
    counts_per_study: Span = (1_100_000, 2_600_000)
    grey_per_count: Span = (0.75, 1.25)
    wraparound_share: Share = 0.03


class PatientConfig(Config):
    """Build and posture."""

    female_share: Share = 0.5
    height_mm: Span = (1500.0, 1800.0)
    fat_mm: Span = (-10.0, 18.0)
    arm_abduction_deg: Span = (3.0, 11.0)
    palm_turn_deg: Span = (0.0, 80.0)
    leg_spread_deg: Span = (-1.5, 4.0)
    foot_turn_deg: Span = (0.0, 32.0)
    foot_down_deg: Span = (5.0, 38.0)
    head_turn_deg: Span = (-18.0, 18.0)
    roll_deg: Span = (-4.0, 4.0)
    tilt_deg: Span = (-1.5, 1.5)
    sway_mm: Span = (0.0, 7.0)
    scoliosis_share: Share = 0.08
    scoliosis_mm: Span = (10.0, 28.0)
    head_top: Span = (0.01, 0.07)
    off_centre_px: Span = (-8.0, 8.0)


class RegionUptake(Config):
    """Uptake of each kind of bone; in long bones that of the shaft."""

    skull: Positive = 0.75
    face: Positive = 0.75
    jaw: Positive = 0.5
    cervical: Positive = 0.75
    thoracic: Positive = 1.0
    lumbar: Positive = 1.0
    sacrum: Positive = 0.75
    pelvis: Positive = 0.9
    rib: Positive = 0.8
    sternum: Positive = 2.4
    cartilage: Positive = 0.08
    clavicle: Positive = 0.5
    scapula: Positive = 0.6
    humerus: Positive = 0.22
    ulna: Positive = 0.25
    radius: Positive = 0.25
    hand: Positive = 0.32
    femur: Positive = 0.28
    patella: Positive = 0.5
    tibia: Positive = 0.28
    fibula: Positive = 0.25
    talus: Positive = 0.3
    foot: Positive = 0.24
    toes: Positive = 0.2


class JointEnds(Config):
    """How much more the ends of a long bone take up than its shaft: 1 doubles it."""

    humerus: Positive = 1.6
    ulna: Positive = 1.3
    radius: Positive = 1.3
    femur: Positive = 1.2
    tibia: Positive = 1.2
    fibula: Positive = 1.0


class UptakeConfig(Config):
    """Normal uptake per volume, relative to a vertebra."""

    regions: RegionUptake = RegionUptake()
    joint_ends: JointEnds = JointEnds()
    soft_tissue: Span = (0.022, 0.055)
    region_spread: Share = 0.14
    bone_spread: Share = 0.06
    fine_texture: Share = 0.22
    coarse_texture: Share = 0.12


class Site(Config):
    """One kind of benign or physiological focus: how often it is there, how hot and how large."""

    share: Share
    gain: Span
    radius_mm: Span


class PhysiologyConfig(Config):
    """Normal uptake that stands out: urine, injection, worn joints."""

    bladder_ml: Span = (25.0, 260.0)
    bladder_gain: Span = (0.25, 9.0)
    kidney_gain: Span = (0.12, 0.5)
    hot_kidney_share: Share = 0.06
    hot_kidney_gain: Span = (0.8, 2.2)
    urine_drop: Site = Site(share=0.35, gain=(1.0, 14.0), radius_mm=(3.0, 9.0))
    injection: Site = Site(share=0.2, gain=(4.0, 60.0), radius_mm=(3.0, 8.0))
    teeth: Site = Site(share=0.22, gain=(0.8, 4.0), radius_mm=(4.0, 8.0))
    nose: Site = Site(share=0.15, gain=(0.6, 2.5), radius_mm=(6.0, 11.0))
    thyroid: Site = Site(share=0.4, gain=(0.2, 0.9), radius_mm=(8.0, 12.0))
    shoulder: Site = Site(share=0.16, gain=(1.0, 5.0), radius_mm=(5.0, 12.0))
    sternoclavicular: Site = Site(share=0.14, gain=(0.8, 4.0), radius_mm=(5.0, 11.0))
    manubrium: Site = Site(share=0.1, gain=(0.8, 3.0), radius_mm=(7.0, 14.0))
    knee: Site = Site(share=0.26, gain=(0.5, 3.0), radius_mm=(8.0, 20.0))
    ankle: Site = Site(share=0.1, gain=(0.6, 3.5), radius_mm=(6.0, 13.0))
    foot: Site = Site(share=0.08, gain=(0.8, 4.0), radius_mm=(4.0, 9.0))
    elbow: Site = Site(share=0.06, gain=(0.8, 4.0), radius_mm=(5.0, 11.0))
    wrist: Site = Site(share=0.06, gain=(0.8, 4.0), radius_mm=(4.0, 9.0))
    iliac_crest: Site = Site(share=0.06, gain=(0.7, 2.0), radius_mm=(9.0, 16.0))
    spine_wear: Site = Site(share=0.12, gain=(0.7, 2.5), radius_mm=(5.0, 10.0))
    rib_row_share: Share = 0.05


class Sites(Config):
    """How often a metastasis lies in each kind of bone; weights, which need not add up to 1."""

    thoracic: Positive = 0.20
    lumbar: Positive = 0.16
    cervical: Positive = 0.03
    sacrum: Positive = 0.05
    pelvis: Positive = 0.17
    rib: Positive = 0.18
    sternum: Positive = 0.04
    scapula: Positive = 0.04
    clavicle: Positive = 0.02
    skull: Positive = 0.04
    femur: Positive = 0.05
    humerus: Positive = 0.03
    tibia: Positive = 0.005
    foot: Positive = 0.005


class DiseaseConfig(Config):
    """Bone metastases."""

    healthy_share: Share = 0.6
    few_share: Share = 0.55
    several_share: Share = 0.27
    many_share: Share = 0.14
    sites: Sites = Sites()
    gain: Span = (0.8, 16.0)
    radius_mm: Span = (4.0, 13.0)
    pelvis_radius_mm: Span = (6.0, 28.0)
    whole_vertebra_share: Share = 0.35
    streak_share: Share = 0.25
    superscan_gain: Span = (1.5, 3.0)


class TruthConfig(Config):
    """When a hot spot is seen, and where its box ends."""

    least_contrast: Positive = 0.45
    least_cnr: Positive = 6.0
    least_of_bone: Positive = 0.35
    edge_of_peak: Share = 0.38
    edge_contrast: Positive = 0.25
    least_side_px: Positive = 3.0


class PhantomConfig(Config):
    """All parameters of the simulator."""

    camera: CameraConfig = CameraConfig()
    patient: PatientConfig = PatientConfig()
    uptake: UptakeConfig = UptakeConfig()
    physiology: PhysiologyConfig = PhysiologyConfig()
    disease: DiseaseConfig = DiseaseConfig()
    truth: TruthConfig = TruthConfig()
