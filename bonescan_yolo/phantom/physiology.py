"""Normal uptake that stands out: urine, kidneys, the injected arm, teeth and nose, worn joints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from bonescan_yolo.classes import NORMAL
from bonescan_yolo.phantom.anatomy import Bone
from bonescan_yolo.phantom.config import PhysiologyConfig, Site
from bonescan_yolo.phantom.hotspots import Blob, Body, Floats, HotSpot, ellipsoid, on_bone
from bonescan_yolo.phantom.patient import draw_log_span, draw_span

BLADDER_NECK_MM = (0.0, 116.0, 838.0)
"""Lowest point of the bladder, behind the pubic bone, in the neutral pose."""

BLADDER_FLOOR = (-0.6, 0.1)
"""Where a bladder that is flat below ends, from -1, the lowest point of its ellipsoid, to its middle at 0."""

BLADDER_RAISED_MM = 18.0
"""Deviation of the height of a flat bladder over the neck."""

KIDNEY_MM = (57.0, 230.0, 1150.0)
KIDNEY_RADII_MM = (33.0, 24.0, 56.0)
"""Centre of the left kidney and half its size (an adult's is about 11 cm long, its cortex blurred by breathing)."""

URINE_MM = (715.0, 815.0)
"""How high urine outside the body lies in the midline, in the neutral pose: urethra down to between the thighs."""

BROW, TEETH = 0.35, 0.75
"""Where the nose begins below the top of the face bone and the upper teeth begin, as parts of its height."""

BOTH_CRESTS = 0.75
"""How often the rims of both pelvic wings take up alike."""

CREST_RICHNESS = 1.8
"""Points of the pelvis that are rim: their `richness` is above this."""

NASAL_PARTS_MM = (
    ((0.0, 0.0, 6.0), (11.0, 18.0, 20.0)),
    ((-14.0, 6.0, -8.0), (14.0, 16.0, 11.0)),
    ((14.0, 6.0, -8.0), (14.0, 16.0, 11.0)),
)
"""Nose and both halves of the upper jaw: centre beside the nasal cavity's, and half the size."""


def draw_physiology(rng: np.random.Generator, body: Body, config: PhysiologyConfig) -> list[HotSpot]:
    """Return all normal hot spots of one study, in a fixed order."""
    spots = list(_bladder(rng, body, config))
    spots += _kidneys(rng, body, config)
    spots += _urine_drops(rng, body, config)
    spots += _injection(rng, body, config)
    spots += _head_and_neck(rng, body, config)
    spots += _joints(rng, body, config)
    spots += _iliac_crests(rng, body, config)
    spots += _scapula_tips(rng, body, config)
    spots += _spine_wear(rng, body, config)
    spots += _rib_spots(rng, body, config)
    spots += _rib_row(rng, body, config)
    return spots


def _bladder(rng: np.random.Generator, body: Body, config: PhysiologyConfig) -> Iterator[HotSpot]:
    """Yield the bladder and sometimes a lobe of it, for a half-empty one is seldom round.

    It rests on the pelvic floor or, higher and flat below, on the prostate or the uterus.
    """
    volume_ml = draw_log_span(rng, config.bladder_ml)
    radius = (volume_ml * 1000 * 3 / (4 * np.pi)) ** (1 / 3)
    flat = draw_log_span(rng, config.bladder_flatness)
    radii = np.array([radius / np.sqrt(flat), radius, radius * np.sqrt(flat)])
    radii[0] *= rng.uniform(0.95, 1.2)
    neck = body.posed.place("trunk", np.array(BLADDER_NECK_MM))[0]
    floor = rng.uniform(*BLADDER_FLOOR) if rng.random() < config.bladder_dome_share else -1.0
    raised = abs(rng.normal(0, BLADDER_RAISED_MM)) if floor > -1.0 else rng.normal(4, 4)
    centre = neck + np.array([rng.normal(0, 8), 0.5 * radii[1], -floor * radii[2] + raised])
    gain = draw_log_span(rng, config.bladder_gain)
    yield ellipsoid(body, "trunk", Blob(centre, radii, gain, floor), "bladder", NORMAL)
    if rng.random() < config.bladder_lobe_share:
        aside = radii * np.array([rng.uniform(-1.0, 1.0), 0.0, rng.uniform(-0.6, 1.2)])
        lobe = Blob(centre + aside, radii * rng.uniform(0.4, 0.8, 3), gain * rng.uniform(0.5, 1.5))
        yield ellipsoid(body, "trunk", lobe, "bladder", NORMAL)


def _kidneys(rng: np.random.Generator, body: Body, config: PhysiologyConfig) -> Iterator[HotSpot]:
    """Yield both kidneys, the right a little lower; sometimes a hot renal pelvis."""
    gain = draw_log_span(rng, config.kidney_gain)
    for side, mirror in (("r", -1.0), ("l", 1.0)):
        x, y, z = KIDNEY_MM
        neutral = np.array([mirror * x + rng.normal(0, 5), y, z + 6 * mirror + rng.normal(0, 8)])
        centre = body.posed.place("trunk", neutral)[0]
        radii = np.array(KIDNEY_RADII_MM) * rng.uniform(0.85, 1.1)
        own = gain * float(np.exp(rng.normal(0, 0.2)))
        yield ellipsoid(body, "trunk", Blob(centre, radii, own), f"kidney_{side}", None)
        if rng.random() < config.hot_kidney_share:
            hot = draw_log_span(rng, config.hot_kidney_gain)
            shift = np.array([-mirror * 6.0, 0.0, rng.normal(0, 18)])
            size = radii * rng.uniform(0.3, 0.55)
            yield ellipsoid(body, "trunk", Blob(centre + shift, size, hot), f"renal_pelvis_{side}", NORMAL)


def _urine_drops(rng: np.random.Generator, body: Body, config: PhysiologyConfig) -> Iterator[HotSpot]:
    """Yield urine at the urethra and, more rarely, on the skin or clothes of the thighs."""
    site = config.urine_drop
    if rng.random() < site.share:
        neutral = np.array([rng.normal(0, 4), rng.uniform(75, 210), rng.uniform(*URINE_MM)])
        radii = draw_span(rng, site.radius_mm) * np.array([1.0, 0.8, rng.uniform(0.8, 2.6)])
        centre = body.posed.place("trunk", neutral)[0]
        yield ellipsoid(body, "trunk", Blob(centre, radii, draw_log_span(rng, site.gain)), "urine", NORMAL)
    if rng.random() < 0.25 * site.share:
        side = rng.choice(["r", "l"])
        neutral = np.array([(1 if side == "l" else -1) * rng.uniform(25, 90), 85.0, rng.uniform(600, 790)])
        radii = draw_span(rng, site.radius_mm) * rng.uniform(0.5, 1.5, 3)
        centre = body.posed.place(f"thigh_{side}", neutral)[0]
        yield ellipsoid(body, f"thigh_{side}", Blob(centre, radii, draw_log_span(rng, site.gain)), "urine", NORMAL)
    site = config.urine_bag
    if rng.random() < site.share:
        side = rng.choice(["r", "l"])
        beside = (1 if side == "l" else -1) * rng.uniform(150, 200)
        centre = body.posed.place(f"thigh_{side}", np.array([beside, 110.0, rng.uniform(480, 700)]))[0]
        radii = draw_span(rng, site.radius_mm) * np.array([0.7, 0.2, 1.2])
        blob = Blob(centre, radii, draw_log_span(rng, site.gain))
        yield ellipsoid(body, f"thigh_{side}", blob, "urine_bag", NORMAL)


def _injection(rng: np.random.Generator, body: Body, config: PhysiologyConfig) -> Iterator[HotSpot]:
    """Yield tracer left at the vein: the bend of the elbow, the forearm or the back of the hand."""
    site = config.injection
    if rng.random() >= site.share:
        return
    side, mirror = ("r", -1.0) if rng.random() < 0.5 else ("l", 1.0)
    limb, x, y, z = [
        ("forearm", 160.0, 165.0, 1112.0),
        ("forearm", 190.0, 165.0, 960.0),
        ("hand", 228.0, 165.0, 820.0),
    ][rng.choice(3, p=[0.6, 0.15, 0.25])]
    neutral = np.array([mirror * x, y, z]) + rng.normal(0, 5, 3)
    radii = draw_span(rng, site.radius_mm) * np.array([0.8, 0.8, rng.uniform(0.8, 2.2)])
    centre = body.posed.place(f"{limb}_{side}", neutral)[0]
    yield ellipsoid(body, f"{limb}_{side}", Blob(centre, radii, draw_log_span(rng, site.gain)), "injection", NORMAL)


def _head_and_neck(rng: np.random.Generator, body: Body, config: PhysiologyConfig) -> Iterator[HotSpot]:
    """Yield teeth, nose and sinuses, and thyroid cartilage."""
    jaw, face = _bones(body, "jaw")[0], _bones(body, "face")[0]
    if rng.random() < config.teeth.share:
        for _ in range(int(rng.integers(1, 4))):
            bone, low, high = (jaw, 0.0, 0.55) if rng.random() < 0.6 else (face, TEETH, 1.0)
            along = body.posed.skeleton.along[bone.span]
            part = body.points_of(bone)[(along >= low) & (along <= high)]
            front = part[part[:, 1] < np.quantile(part[:, 1], 0.45)]
            yield _focus(rng, body, bone, front[rng.integers(len(front))], name="teeth", site=config.teeth)
    tip, high = np.quantile(body.points_of(face)[:, 1], 0.02), np.quantile(body.points_of(face)[:, 2], 0.45)
    middle = np.array([float(np.median(body.points_of(face)[:, 0])), tip + 22.0, high])
    gain = draw_log_span(rng, config.face_gain)
    for place, size in NASAL_PARTS_MM:
        blob = Blob(middle + np.array(place), np.array(size), gain * rng.uniform(0.6, 1.2))
        yield ellipsoid(body, "head", blob, "nasal_cavity", None)
    if rng.random() < config.nose.share:
        along = body.posed.skeleton.along[face.span]
        points = body.points_of(face)[(along > BROW) & (along < TEETH)]
        front = points[points[:, 1] < np.quantile(points[:, 1], 0.25)]
        yield _focus(rng, body, face, front[rng.integers(len(front))], name="nose", site=config.nose)
    if rng.random() < config.thyroid.share:
        centre = body.posed.place("neck", np.array([0.0, 182.0, 1478.0]))[0]
        radii = draw_span(rng, config.thyroid.radius_mm) * np.array([1.1, 0.7, 1.0])
        yield ellipsoid(
            body, "neck", Blob(centre, radii, draw_log_span(rng, config.thyroid.gain)), "thyroid_cartilage", None
        )


def _joints(rng: np.random.Generator, body: Body, config: PhysiologyConfig) -> Iterator[HotSpot]:
    """Yield worn joints.

    Each side is drawn for itself, but one side's wear makes the other's likelier, and some patients are worn all
    over: shares are those of an average patient, and are multiplied by an exponential draw of mean 1.
    """
    wear = rng.exponential()
    joints: list[tuple[str, Site, list[tuple[str, float]]]] = [
        ("shoulder", config.shoulder, [("clavicle_{s}", 0.97), ("scapula_{s}", 0.95), ("humerus_{s}", 0.04)]),
        ("sternoclavicular", config.sternoclavicular, [("clavicle_{s}", 0.03)]),
        ("knee", config.knee, [("femur_{s}", 0.97), ("tibia_{s}", 0.04), ("patella_{s}", 0.5)]),
        ("ankle", config.ankle, [("talus_{s}", 0.5), ("tibia_{s}", 0.97), ("hindfoot_{s}", 0.2)]),
        ("foot", config.foot, [("hindfoot_{s}", 0.6), ("toes_{s}", 0.4)]),
        ("elbow", config.elbow, [("humerus_{s}", 0.97), ("ulna_{s}", 0.04)]),
        ("wrist", config.wrist, [("radius_{s}", 0.97), ("lunate_{s}", 0.5), ("1mc_{s}", 0.1)]),
    ]
    for name, site, places in joints:
        both = rng.random() < 0.5
        share = site.share * wear
        first = rng.random() < share
        for side in "rl":
            hit = rng.random() < share
            if first if both else hit:
                pattern, along = places[rng.integers(len(places))]
                bone = _bone(body, pattern.format(s=side))
                yield _focus(rng, body, bone, _point_at(rng, body, bone, along), name=name, site=site)
    if rng.random() < config.manubrium.share * wear:
        name, along = ("manubrium", rng.uniform(0.1, 0.9)) if rng.random() < 0.5 else ("sternum", 0.06)
        bone = _bone(body, name)
        point = _point_at(rng, body, bone, along)
        yield _focus(rng, body, bone, point, name="manubrium", site=config.manubrium)


def _iliac_crests(rng: np.random.Generator, body: Body, config: PhysiologyConfig) -> Iterator[HotSpot]:
    """Yield uptake along the outer rim of the pelvic wings, where muscles pull; mostly on both sides."""
    site = config.iliac_crest
    if rng.random() >= site.share:
        return
    gain = draw_log_span(rng, site.gain)
    label = NORMAL if rng.random() < site.marked else None
    for side in rng.permutation(["r", "l"])[: 2 if rng.random() < BOTH_CRESTS else 1]:
        bone = _bone(body, f"pelvis_{side}")
        rim = body.points_of(bone)[body.posed.skeleton.richness[bone.span] > CREST_RICHNESS]
        radii = draw_span(rng, site.radius_mm) * np.array([1.0, 1.0, rng.uniform(1.0, 2.5)])
        blob = Blob(rim[rng.integers(len(rim))], radii, gain * rng.uniform(0.7, 1.3))
        spot = on_bone(body, bone, blob, "iliac_crest", label)
        yield replace(spot, least_over_median=site.least_over_median)


def _scapula_tips(rng: np.random.Generator, body: Body, config: PhysiologyConfig) -> Iterator[HotSpot]:
    """Yield the lower tips of the shoulder blades, which stand out where they lie over a rib."""
    for side in "rl":
        if rng.random() < config.scapula_tip.share:
            bone = _bone(body, f"scapula_{side}")
            points = body.points_of(bone)
            tip = points[points[:, 2] < np.quantile(points[:, 2], 0.1)]
            yield _focus(rng, body, bone, tip[rng.integers(len(tip))], name="scapula_tip", site=config.scapula_tip)


def _rib_spots(rng: np.random.Generator, body: Body, config: PhysiologyConfig) -> Iterator[HotSpot]:
    """Yield faint foci in ribs that readers pass over: joints with the cartilage, old cracks, chance."""
    if rng.random() < config.rib_spot.share:
        ribs = _bones(body, "rib")
        for _ in range(int(rng.integers(1, 4))):
            bone = ribs[rng.integers(len(ribs))]
            points = body.points_of(bone)
            yield _focus(rng, body, bone, points[rng.integers(len(points))], name="rib_spot", site=config.rib_spot)


def _spine_wear(rng: np.random.Generator, body: Body, config: PhysiologyConfig) -> Iterator[HotSpot]:
    """Yield degenerative foci at the sides of lower vertebrae, facets and edges."""
    if rng.random() < config.spine_wear.share:
        vertebrae = (*_bones(body, "lumbar"), *_bones(body, "cervical")[2:5])
        for _ in range(int(rng.integers(1, 3))):
            bone = vertebrae[rng.integers(len(vertebrae))]
            points = body.points_of(bone)
            aside = points[np.abs(points[:, 0] - points[:, 0].mean()) > 0.6 * np.ptp(points[:, 0]) / 2]
            yield _focus(rng, body, bone, aside[rng.integers(len(aside))], name="spine_wear", site=config.spine_wear)


def _rib_row(rng: np.random.Generator, body: Body, config: PhysiologyConfig) -> Iterator[HotSpot]:
    """Yield a row of healing fractures: foci one below the other in neighbouring ribs."""
    if rng.random() < config.rib_row_share:
        side, place = rng.choice(["r", "l"]), rng.uniform(0.15, 0.85)
        first = int(rng.integers(2, 9))
        for number in range(first, first + int(rng.integers(3, 6))):
            bone = _bone(body, f"rib_{min(number, 10)}_{side}")
            point = _point_at(rng, body, bone, float(np.clip(place + rng.normal(0, 0.03), 0, 1)))
            gain = rng.uniform(2.0, 8.0)
            blob = Blob(point, np.full(3, rng.uniform(5, 8)), gain)
            yield on_bone(body, bone, blob, "rib_fracture", NORMAL)


def _focus(rng: np.random.Generator, body: Body, bone: Bone, point: Floats, *, name: str, site: Site) -> HotSpot:
    """Return a benign focus around a point of a bone, with a label or not: readers mark some and pass over others."""
    radii = draw_span(rng, site.radius_mm) * rng.uniform(0.75, 1.3, 3)
    label = NORMAL if rng.random() < site.marked else None
    spot = on_bone(body, bone, Blob(point, radii, draw_log_span(rng, site.gain)), name, label)
    return replace(spot, least_over_median=site.least_over_median)


def _bones(body: Body, region: str) -> tuple[Bone, ...]:
    return body.posed.skeleton.bones_of(region)


def _bone(body: Body, name: str) -> Bone:
    return next(bone for bone in body.posed.skeleton.bones if bone.name == name)


def _point_at(rng: np.random.Generator, body: Body, bone: Bone, along: float) -> Floats:
    """Return a point of the bone at about `along` its length."""
    points = body.points_of(bone)
    away = np.abs(body.posed.skeleton.along[bone.span] - along)
    near = np.argsort(away, kind="stable")[: max(8, len(points) // 25)]
    return np.asarray(points[near[rng.integers(len(near))]])
