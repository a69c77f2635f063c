"""Augmentation: boxes stay on their hot spots, and grey levels vary as scintigraphy does."""

from __future__ import annotations

import random

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ultralytics.utils.instance import Instances

from bonescan_yolo.train.augment import MIN_BOX_PX, Flip, ShiftAndScale, vary_grey_levels
from bonescan_yolo.train.config import AugmentationConfig

HEIGHT, WIDTH = 1024, 256


def labelled_scan(box: tuple[int, int, int, int]) -> dict[str, object]:
    """A black scan on which exactly the pixels of one box are hot, and that box as its label."""
    x1, y1, x2, y2 = box
    image = np.zeros((HEIGHT, WIDTH, 1), dtype=np.uint8)
    image[y1:y2, x1:x2] = 200
    boxes = np.array([[x1, y1, x2, y2]], dtype=np.float32)
    instances = Instances(boxes, segments=np.zeros((0, 1000, 2)), bbox_format="xyxy", normalized=False)
    return {"img": image, "cls": np.zeros((1, 1), dtype=np.float32), "instances": instances}


def hot_extent(image: np.ndarray) -> np.ndarray:
    """The box around all pixels above half of the hot level."""
    rows, columns = np.nonzero(image[..., 0] > 100)
    return np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])


inner_boxes = st.tuples(st.integers(60, 150), st.integers(150, 700), st.integers(8, 40), st.integers(8, 60)).map(
    lambda box: (box[0], box[1], box[0] + box[2], box[1] + box[3])
)


@settings(max_examples=40, deadline=None)
@given(box=inner_boxes, seed=st.integers(0, 10_000))
def test_box_moves_with_its_hot_spot(box: tuple[int, int, int, int], seed: int) -> None:
    random.seed(seed)
    labels = ShiftAndScale(shift=0.05, scale=0.2)(labelled_scan(box))
    np.testing.assert_allclose(labels["instances"].bboxes[0], hot_extent(labels["img"]), atol=1.01)
    assert labels["img"].shape == (HEIGHT, WIDTH, 1)


@settings(max_examples=20, deadline=None)
@given(box=inner_boxes)
def test_flip_moves_box_with_its_hot_spot_and_twice_is_nothing(box: tuple[int, int, int, int]) -> None:
    labels = labelled_scan(box)
    before = labels["img"].copy()
    flip = Flip(1.0)
    once = flip(labels)
    np.testing.assert_array_equal(once["instances"].bboxes[0], hot_extent(once["img"]))
    twice = flip(once)
    np.testing.assert_array_equal(twice["instances"].bboxes[0], box)
    np.testing.assert_array_equal(twice["img"], before)


def test_what_leaves_the_frame_loses_its_label(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "uniform", lambda low, high: low)  # far to the left and up, smallest size
    labels = ShiftAndScale(shift=0.5, scale=0.0)(labelled_scan((10, 10, 30, 30)))
    assert len(labels["instances"]) == len(labels["cls"]) == 0
    assert not labels["img"].any()


def test_a_box_cut_to_a_sliver_loses_its_label(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "uniform", lambda low, high: low)
    shift = 20 / WIDTH
    labels = ShiftAndScale(shift=shift, scale=0.0)(labelled_scan((16, 400, 16 + 4 + int(MIN_BOX_PX) - 1, 420)))
    assert len(labels["instances"]) == 0


def test_no_boxes_stay_no_boxes() -> None:
    labels = labelled_scan((100, 100, 120, 120))
    empty = Instances(
        np.zeros((0, 4), np.float32), segments=np.zeros((0, 1000, 2)), bbox_format="xyxy", normalized=False
    )
    labels.update(instances=empty, cls=np.zeros((0, 1), np.float32))
    assert len(ShiftAndScale(0.05, 0.1)(labels)["instances"]) == 0


def only(**changes: float) -> AugmentationConfig:
    """A configuration of which only the given parts act."""
    return AugmentationConfig.model_validate({"window": 1, "noise": 0, "blur": 0, **changes})


def test_nothing_switched_on_changes_nothing() -> None:
    grey = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    np.testing.assert_array_equal(vary_grey_levels(grey, only()), grey)


def test_window_is_one_factor_within_its_range() -> None:
    grey = np.full((32, 32), 50, dtype=np.uint8)
    random.seed(1)
    levels = {int(vary_grey_levels(grey, only(window=2.0))[0, 0]) for _ in range(200)}
    assert 25 <= min(levels) < 30
    assert 90 < max(levels) <= 100
    assert np.ptp(vary_grey_levels(grey, only(window=2.0))) == 0


def test_noise_variance_is_proportional_to_the_level(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "uniform", lambda low, high: high)
    grey = np.full((400, 400), 100, dtype=np.uint8)
    noisy = vary_grey_levels(grey, only(noise=1, noise_level=0.5)).astype(float)
    assert noisy.mean() == pytest.approx(100, abs=0.1)
    assert noisy.var() == pytest.approx(0.5 * 100, rel=0.03)
    assert not vary_grey_levels(np.zeros_like(grey), only(noise=1, noise_level=0.5)).any()


def test_blur_is_a_gaussian_that_keeps_the_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "uniform", lambda low, high: high)
    grey = np.zeros((64, 64), dtype=np.uint8)
    grey[28:36, 28:36] = 200
    blurred = vary_grey_levels(grey, only(blur=1, blur_sigma=2.0))
    np.testing.assert_array_equal(
        blurred, cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 2.0).round().astype(np.uint8)
    )
    assert blurred.sum() == pytest.approx(grey.sum(), rel=0.01)


def test_same_seed_same_scan() -> None:
    grey = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    config = AugmentationConfig(noise=1.0, blur=1.0)
    random.seed(7)
    first = vary_grey_levels(grey, config)
    random.seed(7)
    np.testing.assert_array_equal(first, vary_grey_levels(grey, config))
