"""What is missed and invented, counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bonescan_yolo.evaluate.bootstrap import summarise
from bonescan_yolo.evaluate.figures.error_analysis import count_errors, error_figures, part_of, worst_first
from bonescan_yolo.evaluate.matching.evaluated_scan import NO_BONE, BoxPlaces
from bonescan_yolo.evaluate.matching.hits import HIT_RULE
from bonescan_yolo.evaluate.matching.pool import PooledScans, pool_scans
from bonescan_yolo.model.thresholds import Thresholds
from bonescan_yolo.regions.region_names import REGIONS
from tests.evaluate.builders import AT_30, SQUARE, moved, record, result

FAR, FARTHER = moved(SQUARE, 50), moved(SQUARE, 90)
TINY = (200.0, 100.0, 204.0, 104.0)
SKULL, PELVIS, FOOT = (REGIONS.index(region) for region in ("skull", "left_pelvis", "right_foot"))


@pytest.fixture
def pool() -> PooledScans:
    """On the head a hit and, faint, a tiny miss; in the pelvis a miss that is called normal. On the limb an invention.

    A detection of confidence 0.1 is not shown.
    """
    true = [(SQUARE, 0), (FAR, 0), (TINY, 0)]
    found = [(SQUARE, 0.9, 0), (FAR, 0.8, 1), (FARTHER, 0.7, 0), (moved(SQUARE, 30), 0.1, 0)]
    scan = replace(
        record(result(true, found), "1", "posterior"),
        true_places=BoxPlaces(np.array([SKULL, PELVIS, SKULL]), np.array([2, 3, 1.2], dtype=np.float32)),
        places=BoxPlaces(np.array([SKULL, PELVIS, FOOT, NO_BONE]), np.array([2, 3, 5, 2], dtype=np.float32)),
    )
    return pool_scans([record(result([], []), "2"), scan], HIT_RULE)


def test_counts(pool: PooledScans) -> None:
    counts = {(each.class_name, each.by, each.part): each for each in count_errors(pool, AT_30)}
    told = {
        ("abnormal", "site", "head"): (2, 1, 0, 0, 0),
        ("abnormal", "site", "pelvis"): (1, 1, 1, 0, 0),
        ("abnormal", "site", "limbs"): (0, 0, 0, 1, 0),
        ("normal", "site", "pelvis"): (0, 0, 0, 1, 1),
        ("abnormal", "size", "small"): (1, 1, 0, 0, 0),
        ("abnormal", "size", "medium"): (2, 1, 1, 1, 0),
        ("abnormal", "contrast", "faint"): (1, 1, 0, 0, 0),
        ("abnormal", "contrast", "strong"): (1, 1, 1, 1, 0),
        ("abnormal", "view", "posterior"): (3, 2, 1, 1, 0),
        ("abnormal", "view", "anterior"): (0, 0, 0, 0, 0),
    }
    for key, expected in told.items():
        each = counts[key]
        found = (each.true_boxes, each.missed, each.missed_as_other, each.invented, each.invented_on_other)
        assert found == expected, key


def test_every_error_is_counted_once_by_each_division(pool: PooledScans) -> None:
    for class_name, missed, invented in (("abnormal", 2, 1), ("normal", 0, 1)):
        for by in ("site", "size", "contrast", "view"):
            counts = [each for each in count_errors(pool, AT_30) if (each.class_name, each.by) == (class_name, by)]
            assert (sum(each.missed for each in counts), sum(each.invented for each in counts)) == (missed, invented)


def test_a_class_is_missed_and_invented_by_its_own_threshold(pool: PooledScans) -> None:
    """The normal invention on an abnormal box has 0.8, the abnormal one 0.7, the hit 0.9."""

    def errors(thresholds: Thresholds) -> dict[str, tuple[int, int, int]]:
        counts = [each for each in count_errors(pool, thresholds) if each.by == "view" and each.part == "posterior"]
        return {each.class_name: (each.missed, each.missed_as_other, each.invented) for each in counts}

    assert errors(Thresholds(abnormal=0.85, normal=0.3)) == {"abnormal": (2, 1, 0), "normal": (0, 0, 1)}
    assert errors(Thresholds(abnormal=0.3, normal=0.85)) == {"abnormal": (2, 0, 1), "normal": (0, 0, 0)}
    assert errors(Thresholds(abnormal=0.95, normal=0.3)) == {"abnormal": (3, 1, 0), "normal": (0, 0, 1)}


def test_figures(pool: PooledScans) -> None:
    figures = error_figures(pool, np.ones((1, 2), np.int32), AT_30)
    assert summarise(figures["errors/sensitivity/abnormal/site/head"]).value == 0.5
    assert summarise(figures["errors/false_per_scan/abnormal/site/limbs"]).value == 0.5  # one on two scans
    nothing = summarise(figures["errors/sensitivity/abnormal/site/chest"])
    assert (nothing.value, nothing.missing) == (None, "no such abnormal box in the truth")


def test_boxes_over_no_bone_are_a_part_of_their_own(pool: PooledScans) -> None:
    all_shown = {(each.class_name, each.part): each for each in count_errors(pool, Thresholds.both(0.05))}
    assert all_shown["abnormal", "no bone"].invented == 1
    figures = error_figures(pool, np.ones((1, 2), np.int32), Thresholds.both(0.05))
    assert summarise(figures["errors/false_per_scan/abnormal/site/no_bone"]).value == 0.5


def test_a_model_without_sites_has_no_errors_by_site(pool: PooledScans) -> None:
    scans = [
        replace(scan, true_places=replace(scan.true_places, regions=None), places=replace(scan.places, regions=None))
        for scan in pool.scans
    ]
    unknown = pool_scans(scans, HIT_RULE)
    assert {each.by for each in count_errors(unknown, AT_30)} == {"size", "contrast", "view"}
    weights = np.ones((4, 2), np.int32)
    figures, known = (error_figures(each, weights, AT_30) for each in (unknown, pool))
    assert set(figures) == set(known)
    head = summarise(figures["errors/sensitivity/abnormal/site/head"])
    assert (head.value, head.missing) == (None, "the model gives no sites")
    both = (
        figures["errors/sensitivity/abnormal/size/small"].values,
        known["errors/sensitivity/abnormal/size/small"].values,
    )
    assert np.array_equal(*both)


def test_worst_scans_first(pool: PooledScans) -> None:
    assert worst_first(pool, AT_30).tolist() == [1, 0]
    invented = record(result([], [(SQUARE, 0.9, 0), (FAR, 0.9, 0)]), "1")
    missed = record(result([(SQUARE, 0), (FAR, 0)], []), "2")
    assert worst_first(pool_scans([record(result([], [])), invented, missed], HIT_RULE), AT_30).tolist() == [2, 1, 0]


def test_parts() -> None:
    assert part_of("size", np.array([1, 7.99, 8, 16, 300])) == ["small", "small", "medium", "large", "large"]
    assert part_of("contrast", np.array([0.2, 1.5, 2.5])) == ["faint", "clear", "strong"]
