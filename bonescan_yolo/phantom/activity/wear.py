"""Benign uptake of bone that stands out: worn joints, rims and tips, ribs, and foci that readers leave out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from bonescan_yolo.classes import ABNORMAL, NORMAL
from bonescan_yolo.phantom.activity.spots import Blob, Floats, PosedBody, Spot, on_bone
from bonescan_yolo.phantom.body.anatomy import Bone
from bonescan_yolo.phantom.body.patient import draw_axes, draw_count, draw_log_span, draw_span
from bonescan_yolo.phantom.parameters import PhysiologyConfig, Site

Places = tuple[tuple[str, float], ...]
"""Bones, by name with {s} for the side, and where along them, from 0 to 1."""

JOINTS: dict[str, Places] = {
    "shoulder": (("clavicle_{s}", 0.97), ("scapula_{s}", 0.95), ("humerus_{s}", 0.04)),
    "sternoclavicular": (("clavicle_{s}", 0.03),),
    "knee": (("femur_{s}", 0.97), ("tibia_{s}", 0.04), ("patella_{s}", 0.5)),
    "ankle": (("talus_{s}", 0.5), ("tibia_{s}", 0.97), ("hindfoot_{s}", 0.2)),
    "foot": (("hindfoot_{s}", 0.6), ("toes_{s}", 0.4)),
    "elbow": (("humerus_{s}", 0.97), ("ulna_{s}", 0.04)),
    "wrist": (("radius_{s}", 0.97), ("lunate_{s}", 0.5), ("1mc_{s}", 0.1)),
}
"""Where foci of each joint are; all places of a joint are as likely. In the order in which they are drawn."""

MANUBRIUM_ALONG = (0.1, 0.9)
STERNUM_ALONG = 0.06
"""Where along the manubrium its foci are, and along the sternum those of the joint between them."""

CREST_RICHNESS = 1.8
"""Points of the pelvis that are rim: their `richness` is above this."""

FRONT_PART = 0.35
"""Part of the rim that is in front."""

TIP_PART = 0.1
"""Part of a shoulder blade, from below, that is its tip."""

SIDE_PART = 0.6
"""Facets and edges of a vertebra: beyond this part of its half width."""

TAKEN_FOR_DISEASE = ("shoulder", "knee", "elbow", "ankle", "foot")
"""Joints whose hot foci readers of BS-80K call normal or abnormal, whatever the cause."""

TRUE_RIBS = 7
"""Ribs that reach the breastbone with a cartilage of their own."""

LAST_LONG_RIB = 10
"""The two ribs below it are short: a row of fractures that would reach them ends in it."""

NEAREST_LEAST, NEAREST_PART = 8, 25
"""A focus at a place along a bone is at one of the nearest points: a 25th of the bone's, at least 8."""


def draw_wear(rng: np.random.Generator, body: PosedBody, config: PhysiologyConfig) -> list[Spot]:
    """Return the benign hot spots in bone of one study, in a fixed order."""
    spots = list(_joints(rng, body, config))
    spots += _iliac_crests(rng, body, config)
    spots += _scapula_tips(rng, body, config)
    spots += _spine_wear(rng, body, config)
    spots += _rib_spots(rng, body, config)
    spots += _rib_row(rng, body, config)
    spots += _rib_ends(rng, body, config)
    spots += _vault(rng, body, config)
    return spots


def _joints(rng: np.random.Generator, body: PosedBody, config: PhysiologyConfig) -> Iterator[Spot]:
    """Yield worn joints.

    Wear on one side makes wear on the other likelier, and some patients are worn all over: shares are those of an
    average patient, and are multiplied by an exponential draw of mean 1.
    """
    own, wear = config.wear, rng.exponential()
    for name, places in JOINTS.items():
        both = rng.random() < own.joints_alike_share
        share = _site(config, name).share * wear
        first = rng.random() < share
        for side in "rl":
            hit = rng.random() < share
            if first if both else hit:
                pattern, along = places[rng.integers(len(places))]
                bone = _bone(body, pattern.format(s=side))
                yield focus(rng, body, config, bone, _point_at(rng, body, bone, along), name=name)
    if rng.random() < config.manubrium.share * wear:
        if rng.random() < own.manubrium_share:
            bone, along = _bone(body, "manubrium"), draw_span(rng, MANUBRIUM_ALONG)
        else:
            bone, along = _bone(body, "sternum"), STERNUM_ALONG
        yield focus(rng, body, config, bone, _point_at(rng, body, bone, along), name="manubrium")


def _iliac_crests(rng: np.random.Generator, body: PosedBody, config: PhysiologyConfig) -> Iterator[Spot]:
    """Yield uptake along the outer rim of the pelvic wings, where muscles pull; mostly on both sides."""
    site, own = config.iliac_crest, config.wear
    if rng.random() >= site.share:
        return
    gain = draw_log_span(rng, site.gain)
    label = draw_label(rng, site)
    in_front = rng.random() < own.front_crest_share
    for side in _sides(rng, config):
        bone = _bone(body, f"pelvis_{side}")
        rim = body.points_of(bone)[body.posed.skeleton.richness[bone.span] > CREST_RICHNESS]
        if in_front:
            rim = rim[rim[:, 1] < np.quantile(rim[:, 1], FRONT_PART)]
        radii = draw_span(rng, site.radius_mm) * np.array([1.0, 1.0, draw_span(rng, own.crest_height)])
        blob = Blob(rim[rng.integers(len(rim))], radii, gain * draw_span(rng, own.crest_side_gain))
        yield judged(on_bone(body, bone, blob, "iliac_crest", label), site)


def _scapula_tips(rng: np.random.Generator, body: PosedBody, config: PhysiologyConfig) -> Iterator[Spot]:
    """Yield the lower tips of the shoulder blades, which stand out over a rib."""
    if rng.random() < config.scapula_tip.share:
        for side in _sides(rng, config):
            bone = _bone(body, f"scapula_{side}")
            points = body.points_of(bone)
            tip = points[points[:, 2] < np.quantile(points[:, 2], TIP_PART)]
            yield focus(rng, body, config, bone, tip[rng.integers(len(tip))], name="scapula_tip")


def _rib_spots(rng: np.random.Generator, body: PosedBody, config: PhysiologyConfig) -> Iterator[Spot]:
    """Yield faint foci in ribs that readers leave out: joints with the cartilage, old fractures, chance."""
    if rng.random() < config.rib_spot.share:
        ribs = bones(body, "rib")
        for _ in range(draw_count(rng, config.wear.rib_spots)):
            bone = ribs[rng.integers(len(ribs))]
            points = body.points_of(bone)
            yield focus(rng, body, config, bone, points[rng.integers(len(points))], name="rib_spot")


def _spine_wear(rng: np.random.Generator, body: PosedBody, config: PhysiologyConfig) -> Iterator[Spot]:
    """Yield degenerative foci at the sides of lower vertebrae, facets and edges."""
    if rng.random() < config.spine_wear.share:
        vertebrae = (*bones(body, "lumbar"), *bones(body, "upper_cervical")[2:], *bones(body, "cervical")[:1])
        for _ in range(draw_count(rng, config.wear.spine_foci)):
            bone = vertebrae[rng.integers(len(vertebrae))]
            points = body.points_of(bone)
            aside = points[np.abs(points[:, 0] - points[:, 0].mean()) > SIDE_PART * np.ptp(points[:, 0]) / 2]
            yield focus(rng, body, config, bone, aside[rng.integers(len(aside))], name="spine_wear")


def _rib_row(rng: np.random.Generator, body: PosedBody, config: PhysiologyConfig) -> Iterator[Spot]:
    """Yield a row of healing fractures: foci one below the other in neighbouring ribs."""
    if rng.random() < config.rib_row_share:
        own = config.rib_row
        side, place = rng.choice(["r", "l"]), draw_span(rng, own.along)
        first = draw_count(rng, own.first_rib)
        for number in range(first, first + draw_count(rng, own.ribs)):
            bone = _bone(body, f"rib_{min(number, LAST_LONG_RIB)}_{side}")
            along = float(np.clip(place + rng.normal(0, own.along_spread), 0, 1))
            point = _point_at(rng, body, bone, along)
            gain = draw_span(rng, own.gain)
            blob = Blob(point, np.full(3, draw_span(rng, own.radius_mm)), gain)
            yield on_bone(body, bone, blob, "rib_fracture", NORMAL)


def _rib_ends(rng: np.random.Generator, body: PosedBody, config: PhysiologyConfig) -> Iterator[Spot]:
    """Yield uptake where ribs meet their cartilage, most often the first, mostly on both sides."""
    if rng.random() < config.rib_end.share:
        for _ in range(draw_count(rng, config.wear.rib_ends)):
            number = 1 if rng.random() < config.wear.first_rib_share else int(rng.integers(2, TRUE_RIBS + 1))
            for side in _sides(rng, config):
                bone = _bone(body, f"rib_{number}_{side}")
                yield focus(rng, body, config, bone, _point_at(rng, body, bone, 1.0), name="rib_end")


def _vault(rng: np.random.Generator, body: PosedBody, config: PhysiologyConfig) -> Iterator[Spot]:
    """Yield parts of the skull's vault that take up more, for example where its inner table is thick (hyperostosis)."""
    if rng.random() < config.vault.share:
        bone = bones(body, "skull")[0]
        points = body.points_of(bone)
        for _ in range(draw_count(rng, config.wear.vault_patches)):
            yield focus(rng, body, config, bone, points[rng.integers(len(points))], name="vault")


def _sides(rng: np.random.Generator, config: PhysiologyConfig) -> list[str]:
    """Return the sides that take up, in random order: mostly both."""
    return list(rng.permutation(["r", "l"])[: 2 if rng.random() < config.wear.both_sides_share else 1])


def focus(
    rng: np.random.Generator, body: PosedBody, config: PhysiologyConfig, bone: Bone, point: Floats, *, name: str
) -> Spot:
    """Return a benign focus around a point of a bone; readers leave some out, which get no label.

    Args:
        rng: source of every draw.
        body: the patient's bones, posed.
        config: holds the parameters of every kind of focus.
        bone: which takes up.
        point: (3,) in mm, of the posed bone.
        name: name of the focus, and of its `Site` in the configuration.
    """
    site = _site(config, name)
    radii = draw_span(rng, site.radius_mm) * draw_axes(rng, config.wear.axes)
    label = draw_label(rng, site)
    spot = on_bone(body, bone, Blob(point, radii, draw_log_span(rng, site.gain)), name, label)
    return judged(spot, site)


def _site(config: PhysiologyConfig, name: str) -> Site:
    """Return the parameters of one kind of focus."""
    site: Site = getattr(config, name)
    return site


def draw_label(rng: np.random.Generator, site: Site) -> int | None:
    """Return normal for a benign focus that readers mark, None for one that they leave out."""
    return NORMAL if rng.random() < site.marked else None


def judged(spot: Spot, site: Site) -> Spot:
    """Return a focus with the bounds of a site: how far it has to stand out, and at which sizes it is abnormal.

    Wear and disease of a joint look the same on a scan, so lesions there get the same bounds.
    """
    return replace(spot, least_over_median=site.least_over_median, abnormal_mm=site.abnormal_mm)


def among_many(spots: list[Spot]) -> list[Spot]:
    """Return benign foci as readers judge them in a patient full of metastases: hot joints of limbs are abnormal."""
    return [
        replace(spot, label=ABNORMAL, abnormal_mm=None)
        if spot.label is not None and spot.name in TAKEN_FOR_DISEASE
        else spot
        for spot in spots
    ]


def bones(body: PosedBody, region: str) -> tuple[Bone, ...]:
    """Return the bones of a region, from head to foot, right before left."""
    return body.posed.skeleton.bones_of(region)


def _bone(body: PosedBody, name: str) -> Bone:
    return next(bone for bone in body.posed.skeleton.bones if bone.name == name)


def _point_at(rng: np.random.Generator, body: PosedBody, bone: Bone, along: float) -> Floats:
    """Return a point of the bone at about `along` its length."""
    points = body.points_of(bone)
    away = np.abs(body.posed.skeleton.along[bone.span] - along)
    near = np.argsort(away, kind="stable")[: max(NEAREST_LEAST, len(points) // NEAREST_PART)]
    return np.asarray(points[near[rng.integers(len(near))]])
