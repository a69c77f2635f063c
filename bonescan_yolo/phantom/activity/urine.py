"""Urine outside the bladder: drops on skin and clothes, bags, and catheters with their bottles."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bonescan_yolo.classes import NORMAL
from bonescan_yolo.phantom.activity.spots import Blob, Floats, PosedBody, Spot, ellipsoid
from bonescan_yolo.phantom.body.patient import draw_axes, draw_log_span, draw_span
from bonescan_yolo.phantom.parameters import Catheter, PhysiologyConfig

THIGH_FRONT_MM, THIGH_SIDE_MM = 85.0, 110.0
"""From front to back: a drop on the front of a thigh, a urine bag at its side."""

URINE_BAG_SHAPE = (0.7, 0.2, 1.2)
"""Half axes of a urine bag over its radius: flat from front to back."""

URETHRA_MM = (0.0, 95.0, 790.0)
"""Where a catheter leaves the body."""

TUBE_POINTS, BOTTLE_POINTS = 600, 4000
"""Points of activity along a tube, and in a bottle."""

OUTSIDE_MM = 60.0
"""From front to back: tube and bottle are in front of the legs, or between them, without tissue over them."""


def draw_urine_outside(rng: np.random.Generator, body: PosedBody, config: PhysiologyConfig) -> Iterator[Spot]:
    """Yield urine at the urethra and, more rarely, on skin or clothes of the thighs, in a bag or in a catheter."""
    own, drop, bag = config.urine, config.urine_drop, config.urine_bag
    if rng.random() < drop.share:
        for _ in range(2 if rng.random() < own.second_drop_share else 1):
            yield from _urine_drop(rng, body, config)
    if rng.random() < own.thigh_share * drop.share:
        side, mirror = _draw_thigh(rng)
        aside, height = mirror * draw_span(rng, own.thigh_aside_mm), draw_span(rng, own.thigh_height_mm)
        radii = draw_span(rng, drop.radius_mm) * draw_axes(rng, own.thigh_drop_size)
        centre = body.posed.place(f"thigh_{side}", np.array([aside, THIGH_FRONT_MM, height]))[0]
        yield ellipsoid(body, f"thigh_{side}", Blob(centre, radii, draw_log_span(rng, drop.gain)), "urine", NORMAL)
    if rng.random() < bag.share:
        side, mirror = _draw_thigh(rng)
        aside, height = mirror * draw_span(rng, own.bag_aside_mm), draw_span(rng, own.bag_height_mm)
        centre = body.posed.place(f"thigh_{side}", np.array([aside, THIGH_SIDE_MM, height]))[0]
        radii = draw_span(rng, bag.radius_mm) * np.array(URINE_BAG_SHAPE)
        yield ellipsoid(body, f"thigh_{side}", Blob(centre, radii, draw_log_span(rng, bag.gain)), "urine_bag", NORMAL)
    if rng.random() < config.catheter_share:
        yield from _catheter(rng, body, config.catheter)


def _urine_drop(rng: np.random.Generator, body: PosedBody, config: PhysiologyConfig) -> Iterator[Spot]:
    """Yield a drop in the midline, and around it what spread on skin and clothes."""
    own, site = config.urine, config.urine_drop
    aside = rng.normal(0, own.midline_spread_mm)
    neutral = np.array([aside, draw_span(rng, own.back_mm), draw_span(rng, own.height_mm)])
    radii = draw_span(rng, site.radius_mm) * np.array([1.0, own.drop_depth, draw_span(rng, own.drop_height)])
    drop = Blob(body.posed.place("pelvis", neutral)[0], radii, draw_log_span(rng, site.gain))
    halo = Blob(drop.centre, radii * draw_span(rng, own.halo_size), drop.gain * draw_span(rng, own.halo_gain))
    yield ellipsoid(body, "trunk", drop, "urine", NORMAL)
    yield ellipsoid(body, "trunk", halo, "urine_halo", None)


def _draw_thigh(rng: np.random.Generator) -> tuple[str, float]:
    """Return a side and the sign of its x."""
    side = str(rng.choice(["r", "l"]))
    return side, 1.0 if side == "l" else -1.0


def _catheter(rng: np.random.Generator, body: PosedBody, config: Catheter) -> Iterator[Spot]:
    """Yield a bottle, and the tube that leaves the body, hangs in a loop at one hip and ends in it.

    Readers give the tube no box.
    """
    mirror = _draw_thigh(rng)[1]
    radius, length = draw_span(rng, config.bottle_radius_mm), draw_span(rng, config.bottle_length_mm)
    foot = np.array([mirror * draw_span(rng, config.bottle_aside_mm), OUTSIDE_MM, draw_span(rng, config.height_mm)])
    lean = np.radians(rng.normal(0.0, config.lean_spread_deg))
    top = foot + length * np.array([np.sin(lean), 0.0, np.cos(lean)])
    gain = draw_log_span(rng, config.gain)
    yield _outside(body, _bottle(rng, foot, top, radius), gain * np.pi * radius**2 * length, "urine_bottle", NORMAL)
    loop = np.array([mirror * draw_span(rng, config.loop_aside_mm), OUTSIDE_MM, draw_span(rng, config.loop_height_mm)])
    middle = _curve(body.posed.place("pelvis", np.array(URETHRA_MM))[0], loop, top)
    tube = middle + rng.uniform(-1.0, 1.0, middle.shape) * config.tube_radius_mm
    long_mm = float(np.linalg.norm(np.diff(middle, axis=0), axis=1).sum())
    filled = draw_span(rng, config.tube_filled) * np.pi * config.tube_radius_mm**2 * long_mm
    yield _outside(body, tube, gain * filled, "catheter", None)


def _bottle(rng: np.random.Generator, foot: Floats, top: Floats, radius: float) -> Floats:
    """Return points in a cylinder that is round at both ends, (n, 3)."""
    inside = rng.uniform(-1.0, 1.0, (BOTTLE_POINTS, 3))
    inside = inside[(inside[:, :2] ** 2).sum(axis=1) <= 1.0 - inside[:, 2] ** 4]
    across = radius * np.pad(inside[:, :2], ((0, 0), (0, 1)))
    return np.asarray((foot + top) / 2 + inside[:, 2:] * (top - foot) / 2 + across)


def _curve(start: Floats, loop: Floats, end: Floats) -> Floats:
    """Return TUBE_POINTS points of a smooth curve (cubic Bezier) that is drawn twice towards a place on its way."""
    t = np.linspace(0.0, 1.0, TUBE_POINTS)[:, None]
    above = loop + np.array([0.0, 0.0, loop[2] - start[2]])
    return np.asarray((1 - t) ** 3 * start + 3 * (1 - t) ** 2 * t * above + 3 * (1 - t) * t**2 * loop + t**3 * end)


def _outside(body: PosedBody, points: Floats, activity: float, name: str, label: int | None) -> Spot:
    """Return activity, evenly on points in front of the body."""
    return Spot(name, label, body.emission("thigh_r", points, np.full(len(points), activity / len(points))))
