"""Doubts about a scan: unsure boxes, and boxes that come and go."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bonescan_yolo.model.detector import Detector
from bonescan_yolo.model.runtime import Detections
from bonescan_yolo.model.thresholds import Thresholds
from bonescan_yolo.suggest.scores import SEEN, changes, mirror_boxes, score_scan, shown_shares
from tests.factories import HEIGHT, SPOT_CONFIDENCES, WIDTH, grey_scan

THRESHOLDS = Thresholds(abnormal=0.4, normal=0.3)
BOX, OTHER_BOX = (10, 20, 30, 40), (100, 20, 130, 40)


def found(*boxes: tuple[Sequence[float], float, int]) -> Detections:
    """Return boxes, each given as its edges, its confidence and its class."""
    return Detections(
        np.array([edges for edges, _, _ in boxes], np.float32).reshape(-1, 4),
        np.array([confidence for _, confidence, _ in boxes], np.float32),
        np.array([class_id for _, _, class_id in boxes], np.int64),
        0.0,
    )


def test_a_box_at_the_threshold_of_its_class_is_half_shown_whatever_the_threshold() -> None:
    for threshold in (0.1, 0.4, 0.9):
        around = found(*((BOX, threshold + offset, 1) for offset in (-0.05, 0, 0.05)))
        below, at, above = shown_shares(around, Thresholds(0.5, threshold))
        assert at == pytest.approx(0.5, abs=1e-6)
        assert below < 0.5 < above
    assert np.isfinite(shown_shares(found((BOX, 0, 0), (BOX, 1, 1)), Thresholds.both(0.0))).all()


def test_known_shares() -> None:
    shares = shown_shares(found((BOX, 0.05, 0), (BOX, 0.4, 0), (BOX, 0.9, 0)), Thresholds.both(0.4))
    assert shares.round(2).tolist() == [0.07, 0.5, 0.93]


def test_equal_readings_do_not_differ() -> None:
    reading = found((BOX, 0.9, 0), (OTHER_BOX, 0.2, 1))
    assert changes(reading, reading, THRESHOLDS) == 0
    assert changes(found(), found(), THRESHOLDS) == 0


def test_a_box_that_vanishes_counts_by_how_clear_it_was() -> None:
    clear, faint = found((BOX, 0.95, 0)), found((BOX, 0.05, 0))
    assert changes(clear, found(), THRESHOLDS) == changes(found(), clear, THRESHOLDS) > 0.9
    assert changes(faint, found(), THRESHOLDS) < 0.1


def test_a_clear_box_of_another_class_counts_twice() -> None:
    assert changes(found((BOX, 0.95, 0)), found((BOX, 0.95, 1)), THRESHOLDS) > 1.8


def test_a_box_has_one_partner_the_one_that_overlaps_it_most() -> None:
    shifted = (BOX[0] + 8, BOX[1], BOX[2] + 8, BOX[3])
    one, two = found((BOX, 0.9, 0)), found((shifted, 0.9, 0), (BOX, 0.9, 0))
    assert changes(one, two, THRESHOLDS) == pytest.approx(shown_shares(found((BOX, 0.9, 0)), THRESHOLDS)[0])


def test_mirrored_boxes_come_back_to_their_places() -> None:
    mirrored = mirror_boxes(found((BOX, 0.9, 0)), 256)
    assert mirrored.boxes.tolist() == [[226, 20, 246, 40]]
    assert mirror_boxes(mirrored, 256).boxes.tolist() == [list(BOX)]


def test_a_network_that_calls_left_abnormal_changes_everything_in_the_mirror(model_path: Path) -> None:
    """The network of the tests calls the left half abnormal, so that each box changes its class: twice its share."""
    detector = Detector(model_path, SEEN)
    features = score_scan(detector, grey_scan())
    spots = found(*((BOX, confidence, 0) for confidence in SPOT_CONFIDENCES))
    shares = shown_shares(spots, detector.card.thresholds)
    assert features.mirrored > 2 * shares.sum() - 0.1  # faint boxes of the body change too
    assert (features.n_abnormal, features.n_normal) == (2, 1)
    assert features.doubt == features.unsure + features.mirrored + features.displayed


def test_another_display_changes_the_confidences_of_a_network_of_grey_levels(model_path: Path) -> None:
    features = score_scan(Detector(model_path, SEEN), grey_scan([(2, 10)], [120]))
    assert features.displayed > 0.1


def test_boxes_near_the_threshold_are_unsure(model_path: Path) -> None:
    detector = Detector(model_path, SEEN)
    near = round(255 * detector.card.confidence)
    unsure, sure = np.zeros((HEIGHT, WIDTH), np.uint8), np.zeros((HEIGHT, WIDTH), np.uint8)
    unsure[160:176, 32:48] = unsure[480:496, 64:80] = near
    sure[160:176, 32:48] = 254
    first, second = score_scan(detector, unsure), score_scan(detector, sure)
    assert (first.unsure_boxes, second.unsure_boxes) == (2, 0)
    assert first.unsure == pytest.approx(1, abs=0.05)
    assert second.unsure < 0.05


def test_a_detector_that_hides_faint_boxes_is_refused(model_path: Path) -> None:
    with pytest.raises(ValueError, match="not opened with SEEN"):
        score_scan(Detector(model_path), grey_scan())
