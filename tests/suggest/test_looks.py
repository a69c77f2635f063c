"""What is kept of how a scan looks."""

from __future__ import annotations

import numpy as np
import pytest

from bonescan_yolo.model.runtime import Detections
from bonescan_yolo.suggest.looks import FINDINGS_SIZE, LOOK_SIZE, SHAPE_SIZE, look_of
from tests.factories import HEIGHT, WIDTH, grey_scan

SPOT = ((7, 20), (8, 20), (7, 21), (8, 21))
"""Columns and rows of hot cells."""


def scan(rise: int = 0) -> np.ndarray:
    """Return a scan with noise and one hot spot, its body `rise` rows higher."""
    noise = np.random.default_rng(0).integers(0, 8, (HEIGHT, WIDTH))
    grey = grey_scan(SPOT, [120] * len(SPOT))
    return np.roll(np.where(grey > 0, grey + noise, 0), -rise, axis=0).astype(np.uint8)


def boxes(*edges: tuple[float, float, float, float], class_id: int = 0) -> Detections:
    count = len(edges)
    return Detections(
        np.array(edges, np.float32).reshape(-1, 4),
        np.full(count, 0.9, np.float32),
        np.full(count, class_id, np.int64),
        0.0,
    )


def look(grey: np.ndarray, found: Detections | None = None) -> np.ndarray:
    found = boxes() if found is None else found
    return look_of(grey, found, np.full(len(found.boxes), 0.8))


def findings(found: Detections) -> np.ndarray:
    return look(scan(), found)[SHAPE_SIZE : SHAPE_SIZE + FINDINGS_SIZE]


def test_neither_display_window_nor_place_nor_mirror_counts() -> None:
    own = look(scan())
    assert own.shape == (LOOK_SIZE,)
    assert np.isfinite(own).all()
    for other in (2 * scan(), scan(rise=40), np.ascontiguousarray(scan()[:, ::-1])):
        np.testing.assert_allclose(look(other), own, atol=0.03)


def test_a_hot_spot_changes_the_shape() -> None:
    assert np.abs(look(scan()) - look(grey_scan([], [])))[:SHAPE_SIZE].max() > 0.08


def test_blur_changes_the_grain() -> None:
    rough = scan()
    smooth = ((rough[:-1].astype(int) + rough[1:]) // 2).astype(np.uint8)
    assert look(rough)[-1] - look(smooth)[-1] > 0.2


def test_boxes_count_by_class_and_place_and_a_second_one_hardly() -> None:
    spine, arm = (120, 400, 136, 416), (70, 400, 86, 416)
    one = findings(boxes(spine))
    assert one.sum() == pytest.approx(0.8)
    assert findings(boxes(spine, spine)).sum() == pytest.approx(0.96)
    assert (findings(boxes(arm)) @ one, findings(boxes(spine, class_id=1)) @ one) == (0, 0)


def test_an_empty_scan_has_a_look() -> None:
    assert np.isfinite(look(np.zeros((HEIGHT, WIDTH), np.uint8))).all()
