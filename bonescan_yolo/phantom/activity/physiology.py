"""Normal uptake that stands out: urine, kidneys, the injected arm, teeth, nose, and worn bones."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bonescan_yolo.classes import NORMAL
from bonescan_yolo.phantom.activity.spots import Blob, PosedBody, Spot, ellipsoid
from bonescan_yolo.phantom.activity.urine import draw_urine_outside
from bonescan_yolo.phantom.activity.wear import bones, draw_label, draw_wear, focus, judged
from bonescan_yolo.phantom.body.patient import draw_axes, draw_count, draw_log_span, draw_normal, draw_span
from bonescan_yolo.phantom.parameters import PhysiologyConfig

# Places are in mm in the neutral pose, in the axes of `anatomy`.

BLADDER_NECK_MM = (0.0, 116.0, 823.0)
"""Lowest point of the bladder, behind the pubic bone."""

WHOLE = -1.0
"""Floor of a bladder without a flat base: the lowest point of its ellipsoid, in half heights from its middle."""

MM3_PER_ML = 1000

PELVIC_PARTS_MM = (
    ((0.0, 165.0, 862.0), (50.0, 55.0, 36.0), 1.0),
    ((0.0, 108.0, 816.0), (20.0, 14.0, 15.0), 4.0),
)
"""Womb or prostate with rectum and blood, and the front of the pelvic floor with the urethra: centre, half the size,
and uptake over that of the first."""

KIDNEY_MM = (57.0, 230.0, 1118.0)
KIDNEY_RADII_MM = (33.0, 24.0, 56.0)
"""Centre of the left kidney and half its size: an adult's is about 11 cm long, its cortex blurred by breathing."""

VEINS_MM = (("forearm", 160.0, 165.0, 1112.0), ("forearm", 190.0, 165.0, 960.0), ("hand", 228.0, 165.0, 820.0))
"""Where tracer is injected, with the left limb that the place belongs to: the bend of the elbow, the forearm, the back
of the hand."""

BROW = 0.35
"""Where the nose begins below the top of the face bone, as a part of its height."""

NOSE_FRONT = 0.25
"""Part of the face below the brow that is nose: its front quarter."""

THYROID_MM = (0.0, 180.0, 1418.0)
THYROID_SHAPE = (1.5, 0.7, 1.6)
"""Centre of the thyroid cartilage, and its half axes over its radius."""

NASAL_PARTS_MM = (
    ((0.0, 142.0, 1580.0), (9.0, 16.0, 17.0)),
    ((-11.0, 145.0, 1562.0), (8.0, 15.0, 15.0)),
    ((11.0, 145.0, 1562.0), (8.0, 15.0, 15.0)),
    ((-20.0, 150.0, 1545.0), (9.0, 14.0, 13.0)),
    ((20.0, 150.0, 1545.0), (9.0, 14.0, 13.0)),
)
"""Nose, upper jaw beside it and above its molars: centre and half the size; on scans they form an A."""

MOLARS_MM = NASAL_PARTS_MM[-1][0]
"""The last of these, above the left upper molars."""


def draw_physiology(rng: np.random.Generator, body: PosedBody, config: PhysiologyConfig) -> list[Spot]:
    """Return all normal hot spots of one study, in a fixed order."""
    spots = list(_bladder(rng, body, config))
    spots += _between_hips(rng, body, config)
    spots += _kidneys(rng, body, config)
    spots += draw_urine_outside(rng, body, config)
    spots += _injection(rng, body, config)
    spots += _head_and_neck(rng, body, config)
    return spots + draw_wear(rng, body, config)


def _bladder(rng: np.random.Generator, body: PosedBody, config: PhysiologyConfig) -> Iterator[Spot]:
    """Yield the bladder and sometimes lobes of it, because a half-empty one is seldom round.

    It rests on the pelvic floor or, higher and with a flat base, on the prostate or the uterus.
    """
    own = config.bladder
    radius = _ball_radius_mm(draw_log_span(rng, config.bladder_ml))
    floor = draw_span(rng, own.dome_floor) if rng.random() < config.bladder_dome_share else WHOLE
    flat = draw_log_span(rng, config.bladder_flatness) * 2 / (1 - floor)  # of the part above the floor
    radii = np.array([radius / np.sqrt(flat), radius, radius * np.sqrt(flat)])
    radii[0] *= draw_span(rng, own.width)
    neck = body.posed.place("pelvis", np.array(BLADDER_NECK_MM))[0]
    dome = floor > WHOLE
    raised = abs(rng.normal(0, own.dome_raised_spread_mm)) if dome else draw_normal(rng, own.raised_mm)
    behind = own.behind_neck * radii[1] - own.forward_mm
    centre = neck + np.array([rng.normal(0, own.aside_spread_mm), behind, -floor * radii[2] + raised])
    full = rng.random() < config.full_bladder_share
    gain = draw_log_span(rng, config.full_bladder_gain if full else config.bladder_gain)
    yield ellipsoid(body, "trunk", Blob(centre, radii, gain, floor), "bladder", NORMAL)
    for _ in range(own.most_lobes):
        if rng.random() >= config.bladder_lobe_share:
            return
        aside = radii * np.array([draw_span(rng, own.lobe_aside), 0.0, draw_span(rng, own.lobe_up)])
        lobe = Blob(centre + aside, radii * draw_axes(rng, own.lobe_size), gain * draw_span(rng, own.lobe_gain))
        yield ellipsoid(body, "trunk", lobe, "bladder", NORMAL)


def _ball_radius_mm(volume_ml: float) -> float:
    """Return the radius of a ball of a volume."""
    return float((volume_ml * MM3_PER_ML * 3 / (4 * np.pi)) ** (1 / 3))


def _between_hips(rng: np.random.Generator, body: PosedBody, config: PhysiologyConfig) -> Iterator[Spot]:
    """Yield the soft tissue between the hips, which takes up more than other soft tissue."""
    own = config.pelvic_tissue
    gain = draw_log_span(rng, config.pelvic_tissue_gain)
    for neutral, size, more in PELVIC_PARTS_MM:
        centre = body.posed.place("pelvis", np.array(neutral))[0]
        blob = Blob(centre, np.array(size) * draw_axes(rng, own.size), more * gain * draw_span(rng, own.part_gain))
        yield ellipsoid(body, "trunk", blob, "pelvic_tissue", None)


def _kidneys(rng: np.random.Generator, body: PosedBody, config: PhysiologyConfig) -> Iterator[Spot]:
    """Yield both kidneys, the right a little lower; sometimes a hot renal pelvis."""
    own = config.kidneys
    gain = draw_log_span(rng, config.kidney_gain)
    for side, mirror in (("r", -1.0), ("l", 1.0)):
        x, y, z = KIDNEY_MM
        x = mirror * x + rng.normal(0, own.aside_spread_mm)
        z = z + own.left_higher_mm * mirror + rng.normal(0, own.height_spread_mm)
        centre = body.posed.place("trunk", np.array([x, y, z]))[0]
        radii = np.array(KIDNEY_RADII_MM) * draw_span(rng, own.size)
        side_gain = gain * float(np.exp(rng.normal(0, own.side_gain_spread)))
        yield ellipsoid(body, "trunk", Blob(centre, radii, side_gain), f"kidney_{side}", None)
        if rng.random() < config.hot_kidney_share:
            hot = draw_log_span(rng, config.hot_kidney_gain)
            up = rng.normal(0, own.renal_pelvis_height_spread_mm)
            shift = np.array([-mirror * own.renal_pelvis_in_mm, 0.0, up])
            size = radii * draw_span(rng, own.renal_pelvis_size)
            yield ellipsoid(body, "trunk", Blob(centre + shift, size, hot), f"renal_pelvis_{side}", NORMAL)


def _injection(rng: np.random.Generator, body: PosedBody, config: PhysiologyConfig) -> Iterator[Spot]:
    """Yield tracer left at the vein: the bend of the elbow, the forearm or the back of the hand."""
    site = config.injection
    if rng.random() >= site.share:
        return
    own = config.injected_vein
    side, mirror = ("r", -1.0) if rng.random() < 0.5 else ("l", 1.0)
    weights = np.array([own.elbow, own.forearm, own.hand])
    limb, x, y, z = VEINS_MM[rng.choice(len(VEINS_MM), p=weights / weights.sum())]
    neutral = np.array([mirror * x, y, z]) + rng.normal(0, own.place_spread_mm, 3)
    radii = draw_span(rng, site.radius_mm) * np.array([own.thickness, own.thickness, draw_span(rng, own.length)])
    centre = body.posed.place(f"{limb}_{side}", neutral)[0]
    yield ellipsoid(body, f"{limb}_{side}", Blob(centre, radii, draw_log_span(rng, site.gain)), "injection", NORMAL)


def _head_and_neck(rng: np.random.Generator, body: PosedBody, config: PhysiologyConfig) -> Iterator[Spot]:
    """Yield teeth, upper jaw, nose, and thyroid cartilage."""
    (upper, lower), face, own = bones(body, "teeth"), bones(body, "face")[0], config.face
    if rng.random() < config.teeth.share:
        for _ in range(draw_count(rng, own.hot_teeth)):
            bone = lower if rng.random() < own.lower_teeth_share else upper
            points = body.points_of(bone)
            yield focus(rng, body, config, bone, points[rng.integers(len(points))], name="teeth")
    gain, width = draw_log_span(rng, config.face_gain), draw_span(rng, own.nasal_size)
    for neutral, size in NASAL_PARTS_MM:
        centre = body.posed.place("head", np.array(neutral))[0]
        blob = Blob(centre, width * np.array(size), gain * draw_span(rng, own.nasal_part_gain))
        yield ellipsoid(body, "head", blob, "nasal_cavity", None)
    yield from _upper_jaw(rng, body, config)
    if rng.random() < config.nose.share:
        along = body.posed.skeleton.along[face.span]
        points = body.points_of(face)[along > BROW]
        front = points[points[:, 1] < np.quantile(points[:, 1], NOSE_FRONT)]
        yield focus(rng, body, config, face, front[rng.integers(len(front))], name="nose")
    site = config.thyroid
    if rng.random() < site.share:
        centre = body.posed.place("neck", np.array(THYROID_MM))[0]
        radii = draw_span(rng, site.radius_mm) * np.array(THYROID_SHAPE)
        yield ellipsoid(body, "neck", Blob(centre, radii, draw_log_span(rng, site.gain)), "thyroid_cartilage", None)


def _upper_jaw(rng: np.random.Generator, body: PosedBody, config: PhysiologyConfig) -> Iterator[Spot]:
    """Yield inflamed roots of molars and the floors of the sinuses above them."""
    site = config.upper_jaw
    for mirror in (-1.0, 1.0):
        if rng.random() < site.share:
            x, y, z = np.array(MOLARS_MM) + rng.normal(0, config.face.molar_spread_mm, 3)
            centre = body.posed.place("head", np.array([mirror * x, y, z]))[0]
            radii = draw_span(rng, site.radius_mm) * draw_axes(rng, config.wear.axes)
            label = draw_label(rng, site)
            spot = ellipsoid(body, "head", Blob(centre, radii, draw_log_span(rng, site.gain)), "upper_jaw", label)
            yield judged(spot, site)
