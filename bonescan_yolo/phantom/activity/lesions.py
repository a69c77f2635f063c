"""Bone metastases: how many, where, and of what shape.

Where: the spine is hit most often, then ribs and pelvis, then sternum, skull and the ends of the long bones
near the trunk (V. R. Dabbagh Kakhki et al., Nuclear Medicine Review 16 (2013) 66, on bone scans).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bonescan_yolo.classes import ABNORMAL
from bonescan_yolo.phantom.activity.diffuse import diffuse, superscan, uneven
from bonescan_yolo.phantom.activity.spots import Blob, PosedBody, Spot, on_bone, weighted_bone
from bonescan_yolo.phantom.activity.wear import judged
from bonescan_yolo.phantom.body.anatomy import Bone
from bonescan_yolo.phantom.body.patient import draw_axes, draw_count, draw_log_span, draw_normal, draw_span
from bonescan_yolo.phantom.parameters import Counts, DiseaseConfig, LongBones, PhysiologyConfig, Site

BEYOND = ("tibia", "patella", "foot", "ulna")
"""Bones beyond elbow and knee."""

SPINE = ("upper_cervical", "cervical", "thoracic", "lumbar")
"""Its regions from the top."""

MIDLINE = (*SPINE, "sacrum", "manubrium", "sternum")
"""Bones whose lesions readers box as soon as they see them; of others they ask more."""

WHOLE = (*SPINE, "skull_base")
"""Bones that a lesion may fill."""

HEAD = ("skull", "skull_base", "face", "jaw")
"""Bones whose lesions are as large as the skull's."""

LIKE_WEAR = {
    "clavicle": ("shoulder", 0.8, 1.0),
    "scapula": ("shoulder", 0.85, 1.0),
    "humerus": ("shoulder", 0.0, 0.1),
    "femur": ("knee", 0.92, 1.0),
    "tibia": ("knee", 0.0, 0.08),
    "patella": ("knee", 0.0, 1.0),
    "face": ("upper_jaw", 0.0, 1.0),
    "jaw": ("teeth", 0.0, 1.0),
}
"""By bone, the benign focus that a lesion looks like, and from where to where along the bone."""

STREAKED = ("rib", "femur", "humerus", "tibia")
"""Bones along which lesions may run."""

ENDS_HIT = ("femur", "humerus")
"""Long bones whose lesions are near an end."""

STREAK_GONE_AT = 1.4
"""A streak fades out over a half length that ends here: in half lengths from its middle."""


def draw_lesions(
    rng: np.random.Generator, body: PosedBody, config: DiseaseConfig, benign: PhysiologyConfig
) -> list[Spot]:
    """Return the metastases of one study; none in most.

    Args:
        rng: source of every draw.
        body: the patient's bones, posed.
        config: how many lesions, where, how large and how hot.
        benign: where lesions are few, readers judge one that looks like a benign focus as that focus.
    """
    if rng.random() < config.healthy_share:
        return []
    stage = rng.random() - config.few_share - config.several_share
    if stage >= config.many_share + config.diffuse_share:
        gain, filled = superscan(rng, body, config)
        return filled + _lesions(rng, body, config, config.superscan_foci_gain * gain, config.superscan_foci)
    if stage >= config.many_share:
        gain, patches = diffuse(rng, body, config.diffuse)
        filled = [replace(spot, least_over_median=_asked(config, region)) for region, spot in patches]
        return filled + _lesions(rng, body, config, config.diffuse.foci_gain * gain, config.diffuse.foci)
    if stage >= 0:
        dense = _dense(rng, config)
        return _lesions(rng, body, dense, draw_log_span(rng, dense.gain), config.many_lesions)
    numbers = config.few_lesions if stage < -config.several_share else config.several_lesions
    return _lesions(rng, body, config, draw_log_span(rng, config.gain), numbers, benign=benign)


def widespread(spots: list[Spot], config: DiseaseConfig) -> bool:
    """Return whether a patient has enough metastases for readers to take every hot joint of a limb for one."""
    return sum(spot.label == ABNORMAL for spot in spots) >= config.many_lesions[0]


def _dense(rng: np.random.Generator, config: DiseaseConfig) -> DiseaseConfig:
    """Return the parameters of many lesions: smaller, fewer of them streaks, in the bones that hold red marrow."""
    part = draw_span(rng, config.many_largest)
    small = _shorten(config.many_radius_mm, part)
    sizes = {
        "radius_mm": small,
        "skull_radius_mm": small,
        "spine_radius_mm": _shorten(config.spine_radius_mm, part),
        "pelvis_radius_mm": _shorten(config.pelvis_radius_mm, part),
    }
    least, most = (_between(config.gain, part) for part in config.many_gains)
    limbs = {name: config.many_limbs * getattr(config.sites, name) for name in BEYOND}
    sites = config.sites.model_copy(update=limbs)
    dense = {**sizes, "gain": (least, most), "streak_share": config.many_streaks * config.streak_share}
    return config.model_copy(update={**dense, "sites": sites})


def _shorten(span: tuple[float, float], part: float) -> tuple[float, float]:
    """Return the lower part of a range, on a logarithmic scale."""
    return span[0], _between(span, part)


def _between(span: tuple[float, float], part: float) -> float:
    """Return the number at this part of a range, on a logarithmic scale."""
    return span[0] * (span[1] / span[0]) ** part


def _lesions(
    rng: np.random.Generator,
    body: PosedBody,
    config: DiseaseConfig,
    hottest: float,
    numbers: Counts,
    *,
    benign: PhysiologyConfig | None = None,
) -> list[Spot]:
    """Return lesions, each anywhere or in a bone next to that of the lesion before.

    Args:
        rng: source of every draw.
        body: the patient's bones, posed.
        config: where, how large and how hot.
        hottest: uptake of the patient's hottest lesions.
        numbers: fewest and most lesions.
        benign: what lesions at joints and in faces are judged as; None: as lesions, because there are many others.
    """
    spots: list[Spot] = []
    beside: list[Bone] = []
    for _ in range(draw_count(rng, numbers)):
        near = bool(beside) and rng.random() < config.neighbour_share
        bone = beside[int(rng.integers(len(beside)))] if near else _draw_bone(rng, body, config)
        beside = neighbours(body, bone)
        lesion = _lesion(rng, body, config, bone, hottest)
        like = None if benign is None else _looks_like(body, bone, lesion, benign)
        asked = replace(lesion, least_over_median=_asked(config, bone.region))
        spots.append(asked if like is None else judged(lesion, like))
    return spots


def _asked(config: DiseaseConfig, region: str) -> float | None:
    """Return how far above its surroundings readers ask a lesion of a region to be; None: as any hot spot."""
    if region in MIDLINE:
        return None
    return config.skull_least_over_median if region == "skull" else config.least_over_median


def _looks_like(body: PosedBody, bone: Bone, lesion: Spot, benign: PhysiologyConfig) -> Site | None:
    """Return the benign focus that a lesion of a bone looks like, if any."""
    place = LIKE_WEAR.get(bone.region)
    if place is None:
        return None
    name, low, high = place
    centre = np.average(lesion.emission.points, axis=0, weights=lesion.emission.activity)
    nearest = int(np.argmin(((body.points_of(bone) - centre) ** 2).sum(axis=1)))
    if not low <= body.posed.skeleton.along[bone.span][nearest] <= high:
        return None
    site: Site = getattr(benign, name)
    return site


def neighbours(body: PosedBody, bone: Bone) -> list[Bone]:
    """Return the vertebrae next to a vertebra, or the ribs next to a rib; an empty list for other bones."""
    if bone.region == "rib":
        row = [rib for rib in body.posed.skeleton.bones_of("rib") if rib.name[-1] == bone.name[-1]]
    elif bone.region in SPINE:
        row = [vertebra for region in SPINE for vertebra in body.posed.skeleton.bones_of(region)]
    else:
        return []
    place = row.index(bone)
    return [*row[max(0, place - 1) : place], *row[place + 1 : place + 2]]


def _lesion(rng: np.random.Generator, body: PosedBody, config: DiseaseConfig, bone: Bone, hottest: float) -> Spot:
    """Return a lesion of a bone; a patient's lesions are about equally hot."""
    gain = float(np.clip(hottest * np.exp(draw_normal(rng, config.gain_of_hottest)), *config.gain))
    name = f"lesion_{bone.name}"
    if bone.region in WHOLE and rng.random() < config.whole_share:
        part = rng.uniform(*config.whole_texture, bone.stop - bone.start)
        return weighted_bone(body, bone, config.whole_gain * gain * part, name, ABNORMAL)
    if bone.region in STREAKED and rng.random() < config.streak_share:
        return _streak(rng, body, config, bone, gain)
    span = _radius_span(config, bone.region)
    points = body.points_of(bone)
    centre = points[draw_point(rng, body, bone, config.long_bones)]
    radii = draw_log_span(rng, span) * draw_axes(rng, config.axes)
    return on_bone(body, bone, Blob(centre, radii, gain), name, ABNORMAL)


def _radius_span(config: DiseaseConfig, region: str) -> tuple[float, float]:
    """Return half the size of lesions of a region, smallest and largest, in mm."""
    if region in ("pelvis", "sacrum"):
        return config.pelvis_radius_mm
    if region in SPINE:
        return config.spine_radius_mm
    return config.skull_radius_mm if region in HEAD else config.radius_mm


def _draw_bone(rng: np.random.Generator, body: PosedBody, config: DiseaseConfig) -> Bone:
    """Return a bone, the region by the configured weights."""
    sites = config.sites.model_dump()
    regions, weights = list(sites), np.array(list(sites.values()))
    region = regions[rng.choice(len(regions), p=weights / weights.sum())]
    bones = body.posed.skeleton.bones_of(region)
    lowest = config.lower_spine_odds if region == "thoracic" else 1.0
    odds = np.linspace(1.0, lowest, len(bones))
    return bones[rng.choice(len(bones), p=odds / odds.sum())]


def draw_point(rng: np.random.Generator, body: PosedBody, bone: Bone, config: LongBones) -> int:
    """Return the index of a point of the bone; in femur and humerus mostly near the trunk, or at the far end."""
    along = body.posed.skeleton.along[bone.span].astype(np.float64)
    odds = np.ones(len(along))
    if bone.region in ENDS_HIT:
        odds = np.exp(-along / config.near_end) + config.far_end_odds * np.exp((along - 1.0) / config.far_end)
    return int(rng.choice(len(along), p=odds / odds.sum()))


def _streak(rng: np.random.Generator, body: PosedBody, config: DiseaseConfig, bone: Bone, gain: float) -> Spot:
    """Return uptake along a rib or a shaft."""
    half = draw_log_span(rng, config.streak_length) / 2
    along = body.posed.skeleton.along[bone.span].astype(np.float64)
    middle = draw_span(rng, config.streak_middle)
    fading = np.clip(STREAK_GONE_AT - np.abs(along - middle) / half, 0.0, 1.0)
    texture = uneven(rng, body, bone, config.streak_texture.mean, config.streak_texture.spread)
    return weighted_bone(body, bone, config.streak_gain * gain * fading * texture, f"lesion_{bone.name}", ABNORMAL)
