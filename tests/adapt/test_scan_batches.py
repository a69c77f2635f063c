"""Batches: their share of the user's scans, every scan as often as the others, and boxes on their hot spots."""

from __future__ import annotations

import random
from itertools import islice

import numpy as np
import pytest
import torch

from bonescan_yolo.adapt.recipe import read_recipe
from bonescan_yolo.adapt.scan_batches import batches
from bonescan_yolo.adapt.training_scan import TrainingScan

CALM = {"flip": 0, "shift": 0, "scale": 0, "window": 1, "noise": 0, "blur": 0, "shrink": 0, "gamma": 1}


def scan(level: int, box: tuple[int, int, int, int] = (100, 300, 140, 360)) -> TrainingScan:
    """A grey scan with one box of class `level % 2`."""
    grey = np.full((1024, 256), level, np.uint8)
    x1, y1, x2, y2 = box
    grey[y1:y2, x1:x2] = 255
    return TrainingScan(grey, np.array([box], np.float32), np.array([level % 2], np.int64))


@pytest.mark.parametrize(("share", "own"), [(0.25, 1), (0.5, 2), (1.0, 4), (0.01, 1)])
def test_a_batch_has_the_wanted_share_of_the_users_scans(share: float, own: int) -> None:
    recipe = read_recipe(None, {"batch": 4, "real_share": share, "augmentation": {**CALM, "crop": None}})
    batch = next(batches([scan(1)], [scan(2)], recipe))
    assert batch["cls"].ravel().tolist() == [1.0] * own + [0.0] * (4 - own)
    assert batch["batch_idx"].tolist() == [0, 1, 2, 3]


def test_without_simulated_scans_all_are_the_users() -> None:
    recipe = read_recipe(None, {"batch": 3, "real_share": 0.5, "augmentation": {**CALM, "crop": None}})
    assert next(batches([scan(1)], [], recipe))["cls"].ravel().tolist() == [1.0, 1.0, 1.0]


def test_no_scan_is_used_again_before_all_others() -> None:
    random.seed(3)
    scans = [scan(1, (10 + 20 * number, 300, 20 + 20 * number, 360)) for number in range(5)]
    recipe = read_recipe(None, {"batch": 1, "augmentation": {**CALM, "crop": None}})
    seen = [round(float(batch["bboxes"][0, 0]) * 256) for batch in islice(batches(scans, [], recipe), 15)]
    for first in (0, 5, 10):
        assert sorted(seen[first : first + 5]) == [15, 35, 55, 75, 95]
    assert seen[:5] != seen[5:10]


def test_a_box_is_where_the_hot_spot_is_in_the_window() -> None:
    random.seed(1)
    recipe = read_recipe(None, {"batch": 6, "augmentation": {**CALM, "crop": [512, 192], "flip": 0.5}})
    batch = next(batches([scan(20)], [], recipe))
    assert batch["img"].shape == (6, 1, 512, 192)
    assert batch["img"].is_contiguous(memory_format=torch.channels_last)
    assert len(batch["bboxes"]) > 1
    for box, index in zip(batch["bboxes"], batch["batch_idx"].long(), strict=True):
        hot = torch.nonzero(batch["img"][index, 0] == batch["img"][index, 0].max())
        top, left = hot.min(dim=0).values.tolist()
        bottom, right = (hot.max(dim=0).values + 1).tolist()
        centre = [(left + right) / 2 / 192, (top + bottom) / 2 / 512]
        assert box.tolist() == pytest.approx([*centre, (right - left) / 192, (bottom - top) / 512], abs=1e-5)


def test_the_scans_in_memory_do_not_change() -> None:
    one = scan(20)
    before, boxes = one.grey.copy(), one.boxes.copy()
    next(batches([one], [], read_recipe(None, {"batch": 4})))
    np.testing.assert_array_equal(one.grey, before)
    np.testing.assert_array_equal(one.boxes, boxes)
