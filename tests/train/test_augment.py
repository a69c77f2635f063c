"""Augmentation: boxes stay on their hot spots, and grey levels vary as scintigraphy does."""

from __future__ import annotations

import random
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ultralytics.utils.instance import Instances

from bonescan_yolo.regions.region_map import STRIDE, WHOLE, bone_map
from bonescan_yolo.regions.region_names import BONES as NAMED_BONES
from bonescan_yolo.scan.display import body_level, to_tones
from bonescan_yolo.train.augment import BONES, MIN_BOX_PX, Crop, Flip, ShiftAndScale, ToTones, vary_grey_levels
from bonescan_yolo.train.settings import AugmentationConfig, shipped_config_with

HEIGHT, WIDTH = 1024, 256


def labelled_scan(box: tuple[int, int, int, int]) -> dict[str, Any]:
    """A black scan on which exactly the pixels of one box are hot, and that box as its label."""
    x1, y1, x2, y2 = box
    image = np.zeros((HEIGHT, WIDTH, 1), dtype=np.uint8)
    image[y1:y2, x1:x2] = 200
    boxes = np.array([[x1, y1, x2, y2]], dtype=np.float32)
    instances = Instances(boxes, segments=np.zeros((0, 1000, 2)), bbox_format="xyxy", normalized=False)
    return {"img": image, "cls": np.zeros((1, 1), dtype=np.float32), "instances": instances}


LEFT_HAND, RIGHT_HAND = (
    index for side in ("left", "right") for index, bone in enumerate(NAMED_BONES) if bone.key == f"{side}_hand"
)


def with_bone(labels: dict[str, Any]) -> dict[str, Any]:
    """A scan with a map in which the hot pixels are the left hand."""
    masks = np.zeros((len(NAMED_BONES), HEIGHT, WIDTH), bool)
    masks[LEFT_HAND] = labels["img"][..., 0] > 100
    return {**labels, BONES: bone_map(masks)}


def hot_part(image: np.ndarray) -> np.ndarray:
    """The part of each cell that is hot, 0 to 1."""
    rows, columns = (side // STRIDE for side in image.shape[:2])
    return (image[..., 0] > 100).reshape(rows, STRIDE, columns, STRIDE).mean(axis=(1, 3))


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
@given(box=inner_boxes, seed=st.integers(0, 10_000))
def test_bones_move_with_the_scan(box: tuple[int, int, int, int], seed: int) -> None:
    random.seed(seed)
    labels = ShiftAndScale(shift=0.05, scale=0.2)(with_bone(labelled_scan(box)))
    hand, hot = labels[BONES][..., LEFT_HAND] / WHOLE, hot_part(labels["img"])
    assert hand.sum() == pytest.approx(hot.sum(), rel=0.1, abs=1.0)  # whole pixels against parts of cells
    place, expected = (np.array(np.nonzero(one > 0.5)).mean(axis=1) for one in (hand, hot))
    np.testing.assert_allclose(place, expected, atol=0.6)  # cells
    assert labels[BONES].shape == (HEIGHT // STRIDE, WIDTH // STRIDE, len(NAMED_BONES))


@settings(max_examples=20, deadline=None)
@given(box=inner_boxes)
def test_a_flip_makes_the_left_hand_the_right_one(box: tuple[int, int, int, int]) -> None:
    labels = Flip(1.0)(with_bone(labelled_scan(box)))
    np.testing.assert_allclose(labels[BONES][..., RIGHT_HAND] / WHOLE, hot_part(labels["img"]), atol=0.01)
    assert not labels[BONES][..., LEFT_HAND].any()


@settings(max_examples=20, deadline=None)
@given(box=inner_boxes, seed=st.integers(0, 10_000))
def test_bones_are_cropped_with_the_scan(box: tuple[int, int, int, int], seed: int) -> None:
    random.seed(seed)
    labels = with_bone(labelled_scan(box))
    labels["img"][100:900, 40:220] += 20  # the body
    cropped = Crop(640, 192)(labels)
    np.testing.assert_allclose(cropped[BONES][..., LEFT_HAND] / WHOLE, hot_part(cropped["img"]), atol=0.01)


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


@settings(max_examples=40, deadline=None)
@given(box=inner_boxes, seed=st.integers(0, 10_000))
def test_a_crop_keeps_boxes_on_their_hot_spots(box: tuple[int, int, int, int], seed: int) -> None:
    random.seed(seed)
    labels = labelled_scan(box)
    labels["img"][100:900, 40:220] += 20  # the body
    cropped = Crop(640, 192)(labels)
    assert cropped["img"].shape == (640, 192, 1)
    assert len(cropped["instances"]) == len(cropped["cls"]) <= 1
    if len(cropped["instances"]):
        np.testing.assert_array_equal(cropped["instances"].bboxes[0], hot_extent(cropped["img"]))


def test_a_box_mostly_outside_the_crop_loses_its_label(monkeypatch: pytest.MonkeyPatch) -> None:
    for top, kept in ((408, 1), (412, 0)):  # of the rows 400 to 420
        monkeypatch.setattr(random, "randint", lambda low, high, at=top: min(max(at, low), high))
        labels = labelled_scan((100, 400, 120, 420))
        labels["img"][:, 20:200] += 20
        cropped = Crop(512, 192)(labels)
        assert hot_extent(cropped["img"])[[1, 3]].tolist() == [0, 420 - top]
        assert len(cropped["instances"]) == len(cropped["cls"]) == kept


@given(
    rows=st.tuples(st.integers(0, 1023), st.integers(0, 1023)).map(sorted),
    columns=st.tuples(st.integers(0, 255), st.integers(0, 255)).map(sorted),
    seed=st.integers(0, 100),
)
def test_a_crop_holds_the_body_or_lies_within_it(rows: list[int], columns: list[int], seed: int) -> None:
    random.seed(seed)
    places = np.zeros((HEIGHT, WIDTH, 1), np.uint8)
    places[rows[0] : rows[1] + 1, columns[0] : columns[1] + 1] = 50
    labels = {**labelled_scan((0, 0, 9, 9)), "img": places}
    held = Crop(640, 192)(labels)["img"][..., 0] > 0
    assert held.shape == (640, 192)
    for axis, (first, last), side in ((1, rows, 640), (0, columns, 192)):
        assert held.any(axis=axis).sum() == min(last - first + 1, side)


def test_crops_lie_all_over_a_body_that_is_larger() -> None:
    ramp = np.broadcast_to((100 + np.arange(HEIGHT) // 8).reshape(-1, 1, 1), (HEIGHT, WIDTH, 1)).astype(np.uint8)
    random.seed(0)
    crops = [Crop(640, 192)({**labelled_scan((0, 0, 9, 9)), "img": ramp})["img"] for _ in range(100)]
    tops = [8 * (int(crop[0, 0, 0]) - 100) for crop in crops]
    assert min(tops) < 30
    assert max(tops) > HEIGHT - 640 - 30


@pytest.mark.parametrize("size", [(1024, 256), (2048, 512), (1024, 512)])
def test_a_scan_smaller_than_the_crop_is_left_whole(size: tuple[int, int]) -> None:
    before = labelled_scan((100, 400, 120, 420))
    image = before["img"].copy()
    after = Crop(*size)(before)
    np.testing.assert_array_equal(after["img"], image)
    assert after["instances"].bboxes.tolist() == [[100, 400, 120, 420]]


def test_an_empty_scan_is_cropped_like_any_other() -> None:
    labels = labelled_scan((100, 400, 120, 420))
    labels["img"] = np.zeros((HEIGHT, WIDTH, 1), np.uint8)
    assert Crop(640, 192)(labels)["img"].shape == (640, 192, 1)
    assert not ToTones(spread=1.2)(labels)["img"].any()


def body(seed: int) -> np.ndarray:
    """Counts as of a body in air, (HEIGHT, WIDTH, 1) uint8."""
    rng = np.random.default_rng(seed)
    inside = np.zeros((HEIGHT, WIDTH, 1))
    inside[60:980, 60:200] = rng.gamma(2.0, 12.0, (920, 140, 1))
    return rng.poisson(inside + 0.5).clip(0, 255).astype(np.uint8)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 100))
def test_tones_are_those_of_the_exported_network(seed: int) -> None:
    labels = {**labelled_scan((100, 400, 120, 420)), "img": body(seed)}
    grey = labels["img"].copy()
    toned = ToTones(spread=1.0)(labels)["img"]
    assert toned.dtype == np.uint8
    np.testing.assert_allclose(toned / 255, to_tones(grey, body_level(grey)), atol=0.5 / 255 + 1e-6)
    assert labels["instances"].bboxes.tolist() == [[100, 400, 120, 420]]


def test_the_bodys_level_is_misjudged_by_the_spread_at_most() -> None:
    grey = body(0)
    middle = grey == 40
    level = body_level(grey)
    random.seed(0)
    seen = [int(ToTones(spread=1.5)({"img": grey.copy()})["img"][middle][0]) for _ in range(200)]
    darkest, brightest = (float(255 * to_tones(grey, level * factor)[middle][0]) for factor in (1.5, 1 / 1.5))
    assert darkest - 0.5 <= min(seen) < darkest + 3
    assert brightest - 3 < max(seen) <= brightest + 0.5


def only(**changes: float) -> AugmentationConfig:
    """A configuration of which only the given parts act."""
    calm = {"window": 1, "gamma": 1, "noise": 0, "blur": 0, "shrink": 0}
    return shipped_config_with({"augmentation": {**calm, **changes}}).augmentation


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


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), factor=st.floats(0.3, 1))
def test_shrinking_keeps_the_mean_and_loses_fine_detail(seed: int, factor: float) -> None:
    rng = np.random.default_rng(seed)
    grey = (100 + 20 * rng.standard_normal((256, 128))).clip(0, 255).astype(np.uint8)
    random.seed(seed)
    shrunk = vary_grey_levels(grey, only(shrink=1, shrink_to=factor)).astype(float)
    assert shrunk.shape == grey.shape
    assert shrunk.mean() == pytest.approx(grey.mean(), abs=0.6)
    assert shrunk.std() <= grey.std() + 0.5


def test_shrunk_to_a_third_a_checkerboard_is_grey_and_a_large_spot_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "uniform", lambda low, high: low)  # the smallest picture, no other curve
    board = (np.indices((120, 120)).sum(axis=0) % 2 * 100).astype(np.uint8)
    board[40:80, 40:80] = 200
    shrunk = vary_grey_levels(board, only(shrink=1, shrink_to=1 / 3)).astype(float)
    assert np.abs(shrunk[3:33, 3:117] - 50).max() <= 10
    np.testing.assert_allclose(shrunk[46:74, 46:74], 200, atol=3)
    assert hot_extent(shrunk[..., None]) == pytest.approx(np.array([40, 40, 80, 80]), abs=2)


def test_gamma_is_a_power_that_keeps_black_and_white(monkeypatch: pytest.MonkeyPatch) -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    for extreme, power in ((1, 1.5), (-1, 1 / 1.5)):
        monkeypatch.setattr(random, "uniform", lambda low, high, to=extreme: high if to > 0 else low)
        np.testing.assert_array_equal(
            vary_grey_levels(levels, only(gamma=1.5)), np.rint(255 * (levels / 255) ** power).astype(np.uint8)
        )


@given(seed=st.integers(0, 10_000))
def test_no_gamma_and_no_window_leave_every_level(seed: int) -> None:
    random.seed(seed)
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    np.testing.assert_array_equal(vary_grey_levels(levels, only()), levels)


def test_same_seed_same_scan() -> None:
    grey = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    config = only(window=1.6, gamma=1.15, noise=1.0, blur=1.0, shrink=1.0)
    random.seed(7)
    first = vary_grey_levels(grey, config)
    random.seed(7)
    np.testing.assert_array_equal(first, vary_grey_levels(grey, config))
