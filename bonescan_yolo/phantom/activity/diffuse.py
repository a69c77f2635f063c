"""Disease that fills whole bones: in patches which flow together, or all over the marrow."""

from __future__ import annotations

import numpy as np

from bonescan_yolo.classes import ABNORMAL
from bonescan_yolo.phantom.activity.spots import Floats, PosedBody, Spot, weighted_bone
from bonescan_yolo.phantom.body.anatomy import Bone
from bonescan_yolo.phantom.body.patient import draw_log_span, draw_span, vary
from bonescan_yolo.phantom.parameters import DiffuseConfig, DiseaseConfig

MARROW = ("thoracic", "lumbar", "sacrum", "pelvis", "sacroiliac", "rib", "manubrium", "sternum", "scapula")
"""Bones whose marrow is red in adults."""

ENDS = ("femur", "humerus")
"""Long bones whose marrow is red near hip and shoulder."""

FURTHER = ("cervical", "clavicle", *ENDS)
"""Bones that diffuse disease reaches less often, half as often as those of MARROW."""

FINE, COARSE = 0, 1
"""Cells of space of a skeleton (`Skeleton.cells`)."""


def diffuse(rng: np.random.Generator, body: PosedBody, config: DiffuseConfig) -> tuple[float, list[tuple[str, Spot]]]:
    """Return disease in a large part of the marrow: its uptake, and patches of many bones with the bone's region.

    Args:
        rng: source of every draw.
        body: the patient's bones, posed.
        config: how many bones, how full and how hot.
    """
    reached, gain = draw_span(rng, config.bones), draw_log_span(rng, config.gain)
    spots = []
    for region in (*MARROW, *FURTHER):
        share = reached * draw_span(rng, config.bones_spread) * (0.5 if region in FURTHER else 1.0)
        for bone in body.posed.skeleton.bones_of(region):
            if rng.random() < share:
                density = gain * vary(rng, config.bone_gain_spread) * _patches(rng, body, bone, config)
                if density.any():
                    spots.append((region, weighted_bone(body, bone, density, f"diffuse_{bone.name}", ABNORMAL)))
    return gain, spots


def _patches(rng: np.random.Generator, body: PosedBody, bone: Bone, config: DiffuseConfig) -> Floats:
    """Return the part of the uptake at each point of a bone, shape (n,): 0 between patches."""
    cells = body.posed.skeleton.cells[COARSE][bone.span]
    full = rng.random(int(cells.max()) + 1) < draw_span(rng, config.patches)
    filled = uneven(rng, body, bone, 0.0, config.texture) * full[cells]
    if bone.region in ENDS:
        filled = filled * (body.posed.skeleton.along[bone.span] < config.near_end)
    return np.asarray(filled)


def superscan(rng: np.random.Generator, body: PosedBody, config: DiseaseConfig) -> tuple[float, list[Spot]]:
    """Return marrow filled all over, bright and uneven, with its uptake; readers box only foci in it."""
    gain = draw_span(rng, config.superscan_gain)
    spots = []
    for region in MARROW:
        for bone in body.posed.skeleton.bones_of(region):
            texture = uneven(rng, body, bone, 0.0, config.superscan_texture)
            density = gain * draw_span(rng, config.superscan_bone_gain) * texture
            spots.append(weighted_bone(body, bone, density, f"superscan_{bone.name}", None))
    return gain, spots


def uneven(rng: np.random.Generator, body: PosedBody, bone: Bone, mean: float, spread: float) -> Floats:
    """Return a log-normal factor for each point of a bone, the same within each of its small cells: shape (n,)."""
    cells = body.posed.skeleton.cells[FINE][bone.span]
    return np.asarray(np.exp(rng.normal(mean, spread, int(cells.max()) + 1))[cells])
