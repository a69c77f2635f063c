"""Normal uptake that stands out: urine, kidneys, the injected arm, teeth and nose, and worn bones."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bonescan_yolo.classes import NORMAL
from bonescan_yolo.phantom.activity.spots import Blob, PosedBody, Spot, ellipsoid
from bonescan_yolo.phantom.activity.wear import bones, draw_label, draw_wear, focus, judged
from bonescan_yolo.phantom.body.patient import draw_log_span, draw_span
from bonescan_yolo.phantom.parameters import PhysiologyConfig

BLADDER_NECK_MM = (0.0, 116.0, 823.0)
"""Lowest point of the bladder, behind the pubic bone, in the neutral pose."""

BLADDER_FLOOR = (-0.6, 0.1)
"""Where a bladder that is flat below ends, from -1, the lowest point of its ellipsoid, to its middle at 0."""

BLADDER_FORWARD_MM = 10.0
"""It rises behind the pubis: on real scans it is twice as bright from in front as from behind."""

BLADDER_RAISED_MM = 20.0
"""Deviation of the height of a flat bladder over the neck."""

MOST_LOBES = 2
"""Of a bladder, beside its body."""

PELVIC_PARTS_MM = (
    ((0.0, 165.0, 862.0), (50.0, 55.0, 36.0), 1.0),
    ((0.0, 108.0, 816.0), (20.0, 14.0, 15.0), 4.0),
)
"""Womb or prostate with rectum and blood, and the front of the pelvic floor with the urethra, in the neutral pose:
centre, half the size, and how much more it takes up than the first."""

KIDNEY_MM = (57.0, 230.0, 1118.0)
KIDNEY_RADII_MM = (33.0, 24.0, 56.0)
"""Centre of the left kidney and half its size (an adult's is about 11 cm long, its cortex blurred by breathing)."""

URINE_MM = (695.0, 835.0)
"""How high urine outside the body lies in the midline, in the neutral pose: urethra down to the end of a penis."""

HALO_GAIN, HALO_WIDTH = (0.02, 0.12), (2.0, 4.0)
"""Urine spreads on skin and clothes: uptake around a drop and its size, beside the drop's own."""

SECOND_DROP = 0.3
"""How often urine shows in a second place of the midline, as in the urethra and on the clothes below it."""

BESIDE_MIDLINE = 0.12
"""How often urine shows on a thigh, beside how often in the midline."""

BROW = 0.35
"""Where the nose begins below the top of the face bone, as a part of its height."""

LOWER_TEETH = 0.4
"""How often a hot tooth is one of the lower jaw."""

NASAL_PARTS_MM = (
    ((0.0, 142.0, 1580.0), (9.0, 16.0, 17.0)),
    ((-11.0, 145.0, 1562.0), (8.0, 15.0, 15.0)),
    ((11.0, 145.0, 1562.0), (8.0, 15.0, 15.0)),
    ((-20.0, 150.0, 1545.0), (9.0, 14.0, 13.0)),
    ((20.0, 150.0, 1545.0), (9.0, 14.0, 13.0)),
)
"""Nose, upper jaw beside it and above its molars, in the neutral pose: centre and half the size; on scans an A."""

MOLARS_MM = NASAL_PARTS_MM[-1][0]
"""Above the left upper molars: the last of these."""


def draw_physiology(rng: np.random.Generator, body: PosedBody, config: PhysiologyConfig) -> list[Spot]:
    """Return all normal hot spots of one study, in a fixed order."""
    spots = list(_bladder(rng, body, config))
    spots += _between_hips(rng, body, config)
    spots += _kidneys(rng, body, config)
    spots += _urine_drops(rng, body, config)
    spots += _injection(rng, body, config)
    spots += _head_and_neck(rng, body, config)
    return spots + draw_wear(rng, body, config)


def _bladder(rng: np.random.Generator, body: PosedBody, config: PhysiologyConfig) -> Iterator[Spot]:
    """Yield the bladder and sometimes lobes of it, for a half-empty one is seldom round.

    It rests on the pelvic floor or, higher and flat below, on the prostate or the uterus.
    """
    volume_ml = draw_log_span(rng, config.bladder_ml)
    radius = (volume_ml * 1000 * 3 / (4 * np.pi)) ** (1 / 3)
    floor = rng.uniform(*BLADDER_FLOOR) if rng.random() < config.bladder_dome_share else -1.0
    flat = draw_log_span(rng, config.bladder_flatness) * 2 / (1 - floor)  # of what is left of it above the floor
    radii = np.array([radius / np.sqrt(flat), radius, radius * np.sqrt(flat)])
    radii[0] *= rng.uniform(0.95, 1.2)
    neck = body.posed.place("pelvis", np.array(BLADDER_NECK_MM))[0]
    raised = abs(rng.normal(0, BLADDER_RAISED_MM)) if floor > -1.0 else rng.normal(4, 4)
    centre = neck + np.array([rng.normal(0, 14), 0.3 * radii[1] - BLADDER_FORWARD_MM, -floor * radii[2] + raised])
    gain = draw_log_span(rng, config.bladder_gain)
    yield ellipsoid(body, "trunk", Blob(centre, radii, gain, floor), "bladder", NORMAL)
    for _ in range(MOST_LOBES):
        if rng.random() >= config.bladder_lobe_share:
            return
        aside = radii * np.array([rng.uniform(-1.0, 1.0), 0.0, rng.uniform(-1.3, 1.4)])
        lobe = Blob(centre + aside, radii * rng.uniform(0.4, 0.8, 3), gain * rng.uniform(0.5, 1.5))
        yield ellipsoid(body, "trunk", lobe, "bladder", NORMAL)


def _between_hips(rng: np.random.Generator, body: PosedBody, config: PhysiologyConfig) -> Iterator[Spot]:
    """Yield the soft tissue between the hips, which takes up more than other soft tissue."""
    gain = draw_log_span(rng, config.pelvic_tissue_gain)
    for neutral, size, more in PELVIC_PARTS_MM:
        centre = body.posed.place("pelvis", np.array(neutral))[0]
        blob = Blob(centre, np.array(size) * rng.uniform(0.85, 1.15, 3), more * gain * rng.uniform(0.6, 1.4))
        yield ellipsoid(body, "trunk", blob, "pelvic_tissue", None)


def _kidneys(rng: np.random.Generator, body: PosedBody, config: PhysiologyConfig) -> Iterator[Spot]:
    """Yield both kidneys, the right a little lower; sometimes a hot renal pelvis."""
    gain = draw_log_span(rng, config.kidney_gain)
    for side, mirror in (("r", -1.0), ("l", 1.0)):
        x, y, z = KIDNEY_MM
        neutral = np.array([mirror * x + rng.normal(0, 8), y, z + 6 * mirror + rng.normal(0, 15)])
        centre = body.posed.place("trunk", neutral)[0]
        radii = np.array(KIDNEY_RADII_MM) * rng.uniform(0.8, 1.1)
        own = gain * float(np.exp(rng.normal(0, 0.2)))
        yield ellipsoid(body, "trunk", Blob(centre, radii, own), f"kidney_{side}", None)
        if rng.random() < config.hot_kidney_share:
            hot = draw_log_span(rng, config.hot_kidney_gain)
            shift = np.array([-mirror * 6.0, 0.0, rng.normal(0, 18)])
            size = radii * rng.uniform(0.3, 0.55)
            yield ellipsoid(body, "trunk", Blob(centre + shift, size, hot), f"renal_pelvis_{side}", NORMAL)


def _urine_drops(rng: np.random.Generator, body: PosedBody, config: PhysiologyConfig) -> Iterator[Spot]:
    """Yield urine at the urethra and, more rarely, on the skin or clothes of the thighs."""
    site = config.urine_drop
    if rng.random() < site.share:
        for _ in range(2 if rng.random() < SECOND_DROP else 1):
            neutral = np.array([rng.normal(0, 4), rng.uniform(75, 210), rng.uniform(*URINE_MM)])
            radii = draw_span(rng, site.radius_mm) * np.array([1.0, 0.8, rng.uniform(0.8, 2.6)])
            drop = Blob(body.posed.place("pelvis", neutral)[0], radii, draw_log_span(rng, site.gain))
            halo = Blob(drop.centre, radii * draw_span(rng, HALO_WIDTH), drop.gain * draw_span(rng, HALO_GAIN))
            yield ellipsoid(body, "trunk", drop, "urine", NORMAL)
            yield ellipsoid(body, "trunk", halo, "urine_halo", None)
    if rng.random() < BESIDE_MIDLINE * site.share:
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


def _injection(rng: np.random.Generator, body: PosedBody, config: PhysiologyConfig) -> Iterator[Spot]:
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


def _head_and_neck(rng: np.random.Generator, body: PosedBody, config: PhysiologyConfig) -> Iterator[Spot]:
    """Yield teeth, upper jaw, nose, and thyroid cartilage."""
    (upper, lower), face = bones(body, "teeth"), bones(body, "face")[0]
    if rng.random() < config.teeth.share:
        for _ in range(int(rng.integers(1, 4))):
            bone = lower if rng.random() < LOWER_TEETH else upper
            points = body.points_of(bone)
            yield focus(rng, body, bone, points[rng.integers(len(points))], name="teeth", site=config.teeth)
    gain, width = draw_log_span(rng, config.face_gain), rng.uniform(0.8, 1.25)
    for neutral, size in NASAL_PARTS_MM:
        centre = body.posed.place("head", np.array(neutral))[0]
        blob = Blob(centre, width * np.array(size), gain * rng.uniform(0.5, 1.3))
        yield ellipsoid(body, "head", blob, "nasal_cavity", None)
    yield from _upper_jaw(rng, body, config)
    if rng.random() < config.nose.share:
        along = body.posed.skeleton.along[face.span]
        points = body.points_of(face)[along > BROW]
        front = points[points[:, 1] < np.quantile(points[:, 1], 0.25)]
        yield focus(rng, body, face, front[rng.integers(len(front))], name="nose", site=config.nose)
    if rng.random() < config.thyroid.share:
        centre = body.posed.place("neck", np.array([0.0, 180.0, 1418.0]))[0]
        radii = draw_span(rng, config.thyroid.radius_mm) * np.array([1.5, 0.7, 1.6])
        yield ellipsoid(
            body, "neck", Blob(centre, radii, draw_log_span(rng, config.thyroid.gain)), "thyroid_cartilage", None
        )


def _upper_jaw(rng: np.random.Generator, body: PosedBody, config: PhysiologyConfig) -> Iterator[Spot]:
    """Yield inflamed roots of molars and the floors of the sinuses above them."""
    site = config.upper_jaw
    for mirror in (-1.0, 1.0):
        if rng.random() < site.share:
            x, y, z = np.array(MOLARS_MM) + rng.normal(0, 4, 3)
            centre = body.posed.place("head", np.array([mirror * x, y, z]))[0]
            radii = draw_span(rng, site.radius_mm) * rng.uniform(0.75, 1.3, 3)
            label = draw_label(rng, site)
            spot = ellipsoid(body, "head", Blob(centre, radii, draw_log_span(rng, site.gain)), "upper_jaw", label)
            yield judged(spot, site)
