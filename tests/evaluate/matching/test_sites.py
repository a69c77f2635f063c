"""The site of a box: on a body of known place, and on simulated lesions of known bones."""

from __future__ import annotations

import numpy as np
import pytest

from bonescan_yolo.evaluate.matching.sites import HEAD, LIMBS, PELVIS, RIBS, SPINE, sites_of
from bonescan_yolo.phantom.body.anatomy import Skeleton, load_skeleton
from bonescan_yolo.phantom.parameters import read_parameters
from bonescan_yolo.phantom.study import simulate
from bonescan_yolo.scan.body import BodyExtent, find_extent

BODY = BodyExtent(top=100, height=800, middle=120)

BONES = {
    HEAD: ("skull", "skull_base", "jaw"),
    SPINE: ("cervical", "thoracic", "lumbar", "sternum", "manubrium"),
    RIBS: ("rib", "scapula", "clavicle"),
    PELVIS: ("pelvis", "sacrum", "sacroiliac"),
    LIMBS: ("humerus", "ulna", "femur", "patella", "tibia", "foot"),
}
STUDIES = 24
LEAST_RIGHT = 0.85
"""Over 220 studies it is 0.94."""


@pytest.mark.parametrize(
    ("x", "y", "site"),
    [
        (120, 150, HEAD),
        (125, 300, SPINE),
        (150, 300, RIBS),
        (200, 300, LIMBS),  # an elbow
        (150, 450, PELVIS),
        (120, 510, PELVIS),  # urine
        (160, 520, LIMBS),  # a thigh
        (120, 860, LIMBS),
    ],
)
def test_places(x: float, y: float, site: int) -> None:
    assert sites_of(np.float32([[x - 4, y - 4, x + 4, y + 4]]), BODY).tolist() == [site]


@pytest.fixture(scope="module")
def skeleton() -> Skeleton:
    return load_skeleton()


@pytest.mark.slow
def test_lesions_come_out_at_the_site_of_their_bone(skeleton: Skeleton) -> None:
    regions = {bone.name: bone.region for bone in skeleton.bones}
    sites = {region: site for site, members in BONES.items() for region in members}
    parameters = read_parameters()
    right, total = 0, 0
    for number in range(1, STUDIES + 1):
        for seen in simulate(skeleton, parameters, 77, number).views.values():
            body = find_extent(seen.pixels)
            for mark in seen.marks:
                bones = [regions.get(name.removeprefix("lesion_")) for name in mark.names]
                if len(bones) == 1 and bones[0] in sites:
                    right += int(sites_of(np.float32([mark.box]), body)[0]) == sites[bones[0]]
                    total += 1
    assert total > 30
    assert right / total >= LEAST_RIGHT
