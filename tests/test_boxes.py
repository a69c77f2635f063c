"""Box arithmetic: laws for any boxes, and answers by hand."""

from __future__ import annotations

from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from bonescan_yolo.boxes import areas, clip, empty_boxes, from_centres, intersections, iou, suppress, to_centres

Box = NDArray[np.float32]
Scored = tuple[Box, NDArray[np.float32], NDArray[np.int64]]
"""Boxes, (N, 4), with their confidences and classes, (N,)."""


def box_arrays(max_boxes: int = 12) -> st.SearchStrategy[Box]:
    """Return boxes with sides of 1 to 64 px, at eighths of a pixel so that float32 is exact."""
    corners = st.integers(0, max_boxes).flatmap(lambda n: arrays(np.int64, (n, 4), elements=st.integers(0, 4000)))
    return corners.map(_as_boxes)


def _as_boxes(numbers: NDArray[np.int64]) -> Box:
    upper_left = numbers[:, :2] / 8
    sides = 1 + numbers[:, 2:] % 505 / 8
    return np.concatenate([upper_left, upper_left + sides], axis=1).astype(np.float32)


def one_box(*edges: float) -> Box:
    return np.array([edges], dtype=np.float32)


def test_areas_by_hand() -> None:
    assert areas(one_box(3, 5, 4, 6)).tolist() == [1]
    assert areas(one_box(0, 0, 2.5, 4)).tolist() == [10]
    assert areas(one_box(4, 4, 2, 6)).tolist() == [0]


def test_iou_by_hand() -> None:
    first = one_box(0, 0, 10, 10)
    others = np.concatenate([one_box(1, 1, 11, 11), one_box(10, 0, 20, 10), first, one_box(2, 2, 7, 7)])
    np.testing.assert_allclose(iou(first, others)[0], [81 / 119, 0, 1, 0.25], rtol=1e-6)


def test_iou_of_empty_boxes_is_zero_and_not_nan() -> None:
    point = one_box(5, 5, 5, 5)
    assert iou(point, point).tolist() == [[0]]


@given(box_arrays(), box_arrays())
def test_iou_is_symmetric_and_a_fraction(first: Box, second: Box) -> None:
    overlaps = iou(first, second)
    assert overlaps.shape == (len(first), len(second))
    np.testing.assert_array_equal(overlaps, iou(second, first).T)
    assert ((overlaps >= 0) & (overlaps <= 1)).all()


@given(box_arrays())
def test_iou_with_itself_is_one(boxes: Box) -> None:
    np.testing.assert_allclose(np.diag(iou(boxes, boxes)), 1, rtol=1e-6)


@given(box_arrays(), box_arrays())
def test_iou_agrees_with_pycocotools(first: Box, second: Box) -> None:
    as_xywh = [np.concatenate([b[:, :2], b[:, 2:] - b[:, :2]], axis=1).astype(np.float64) for b in (first, second)]
    theirs = np.array(coco_mask.iou(as_xywh[0], as_xywh[1], [0] * len(second))).reshape(len(first), len(second))
    np.testing.assert_allclose(iou(first, second), theirs, atol=1e-5)


@given(box_arrays(), box_arrays())
def test_intersection_is_at_most_either_area(first: Box, second: Box) -> None:
    shared = intersections(first, second)
    assert (shared <= areas(first)[:, None]).all()
    assert (shared <= areas(second)[None, :]).all()


@given(box_arrays())
def test_clip_stays_inside_is_idempotent_and_leaves_the_argument(boxes: Box) -> None:
    before = boxes.copy()
    clipped = clip(boxes, 256, 300)
    assert clipped.dtype == np.float32
    assert (clipped >= 0).all()
    assert (clipped <= [256, 300, 256, 300]).all()
    np.testing.assert_array_equal(clip(clipped, 256, 300), clipped)
    np.testing.assert_array_equal(boxes, before)


@given(box_arrays())
def test_centres_and_edges_round_trip(boxes: Box) -> None:
    np.testing.assert_array_equal(from_centres(to_centres(boxes)), boxes)


def test_centres_by_hand() -> None:
    assert to_centres(one_box(10, 20, 14, 30)).tolist() == [[12, 25, 4, 10]]


def scored_boxes() -> st.SearchStrategy[Scored]:
    """Return boxes that often overlap, with confidences all different, and classes."""

    def score(boxes: Box) -> st.SearchStrategy[Scored]:
        n = len(boxes)
        ranks = st.permutations(range(n)).map(lambda order: (np.array(order, dtype=np.float32) + 1) / (n + 1))
        return st.tuples(st.just(boxes), ranks, arrays(np.int64, n, elements=st.integers(0, 1)))

    return box_arrays(20).map(lambda boxes: (boxes % 40) + np.array([0, 0, 40, 40], dtype=np.float32)).flatmap(score)


@given(scored_boxes(), st.sampled_from([0.0, 0.3, 0.5, 0.7]))
def test_suppress_keeps_the_best_and_nothing_that_overlaps(scored: Scored, limit: float) -> None:
    boxes, confidences, classes = scored
    kept = suppress(boxes, confidences, classes, limit)
    overlaps = iou(boxes, boxes)
    for index in range(len(boxes)):
        better = [k for k in kept if confidences[k] > confidences[index] and classes[k] == classes[index]]
        covered = any(overlaps[k, index] > limit for k in better)
        assert (index in kept) != covered
    assert (np.diff(confidences[kept]) <= 0).all()


@given(scored_boxes())
def test_suppress_is_idempotent(scored: Scored) -> None:
    boxes, confidences, classes = scored
    kept = suppress(boxes, confidences, classes, 0.5)
    again = suppress(boxes[kept], confidences[kept], classes[kept], 0.5)
    np.testing.assert_array_equal(again, np.arange(len(kept)))


@given(scored_boxes(), st.randoms(use_true_random=False))
def test_suppress_does_not_depend_on_the_order(scored: Scored, random: Random) -> None:
    boxes, confidences, classes = scored
    order = list(range(len(boxes)))
    random.shuffle(order)
    shuffled = suppress(boxes[order], confidences[order], classes[order], 0.5)
    assert [order[k] for k in shuffled] == suppress(boxes, confidences, classes, 0.5).tolist()


def test_suppress_leaves_other_classes_and_takes_the_earlier_of_equals() -> None:
    boxes = np.repeat(one_box(0, 0, 10, 10), 3, axis=0)
    kept = suppress(boxes, np.array([0.5, 0.5, 0.4], dtype=np.float32), np.array([0, 0, 1]), 0.5)
    assert kept.tolist() == [0, 2]


def test_suppress_keeps_a_box_at_the_limit() -> None:
    boxes = np.concatenate([one_box(0, 0, 4, 4), one_box(0, 0, 4, 2)])
    kept = suppress(boxes, np.array([0.9, 0.8], dtype=np.float32), np.array([0, 0]), 0.5)
    assert kept.tolist() == [0, 1]


def test_suppress_keeps_the_order_of_many_equals() -> None:
    boxes = np.array([[20 * i, 0, 20 * i + 10, 10] for i in range(100)], dtype=np.float32)
    equals = np.tile(np.array([0.5, 0.25], dtype=np.float32), 50)
    kept = suppress(boxes, equals, np.zeros(100, np.int64), 0.5)
    assert kept.tolist() == [*range(0, 100, 2), *range(1, 100, 2)]


def test_no_boxes() -> None:
    none = empty_boxes()
    assert iou(none, none).shape == (0, 0)
    assert suppress(none, np.zeros(0, np.float32), np.zeros(0, np.int64), 0.5).tolist() == []
    assert from_centres(none).shape == (0, 4)
