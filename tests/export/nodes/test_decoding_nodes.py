"""Boxes out of feature maps: a case by hand, and the same as outside the file for any maps."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto

from bonescan_yolo.boxes import suppress
from bonescan_yolo.export.nodes.decoding_nodes import Choice, Level, add_decoding
from bonescan_yolo.export.nodes.fitting_nodes import Frame, ScanPlacement
from bonescan_yolo.export.nodes.graph import Graph
from bonescan_yolo.model.rescoring import Rescoring, rescore, rescore_top
from bonescan_yolo.model.runtime import MAX_DETECTIONS
from bonescan_yolo.model.thresholds import Thresholds

STRIDES = (8, 16, 32)
BINS = 16
WIDTH = 256
OFF = -20.0
"""A logit whose score is nothing."""


TOGETHER = Rescoring(weight=0.7, lone=0.5)
TWO = Thresholds(abnormal=0.6, normal=0.25)


@pytest.fixture(scope="module")
def decoding() -> onnxruntime.InferenceSession:
    """Boxes by themselves."""
    return session(Rescoring())


@pytest.fixture(scope="module")
def together() -> onnxruntime.InferenceSession:
    """Boxes that are rescored."""
    return session(TOGETHER)


def session(rescoring: Rescoring, bins: int = BINS) -> onnxruntime.InferenceSession:
    from tests.export.graphs import session_of

    piece = Graph("boxes")
    levels = [Level(f"edges{stride}", f"scores{stride}", stride, bins) for stride in STRIDES]
    frame = Frame("grey", ScanPlacement("size", "scale", "margin", "fitted"))
    decoded = add_decoding(piece, levels, frame, Choice("confidence", "iou", rescoring))
    inputs: dict[str, tuple[int, list[int | str]]] = {}
    for stride in STRIDES:
        inputs[f"edges{stride}"] = (TensorProto.FLOAT, [1, 4 * bins, f"h{stride}", WIDTH // stride])
        inputs[f"scores{stride}"] = (TensorProto.FLOAT, [1, 2, f"h{stride}", WIDTH // stride])
    inputs |= {name: (TensorProto.FLOAT, [2]) for name in ("size", "scale", "margin")}
    inputs |= {"confidence": (TensorProto.FLOAT, [2]), "iou": (TensorProto.FLOAT, [])}
    return session_of(piece, inputs, [decoded.table, decoded.abnormal])


def limits(abnormal: float, normal: float | None = None) -> dict[str, np.ndarray]:
    """The input with the thresholds; one number is that of both classes."""
    return {"confidence": np.array([abnormal, abnormal if normal is None else normal], np.float32)}


def feeds(rows: int = 512, bins: int = BINS) -> dict[str, np.ndarray]:
    """Maps, which see nothing, of a frame with this number of rows, of a scan as large as the frame."""
    maps = {}
    for stride in STRIDES:
        shape = (rows // stride, WIDTH // stride)
        maps[f"edges{stride}"] = np.zeros((1, 4 * bins, *shape), np.float32)
        maps[f"scores{stride}"] = np.full((1, 2, *shape), OFF, np.float32)
    plain = {"size": [1024.0, 256.0], "scale": [1.0, 1.0], "margin": [0.0, 0.0]}
    maps |= {name: np.array(value, np.float32) for name, value in plain.items()}
    return maps | limits(0.25) | {"iou": np.array(0.3, np.float32)}


def put(
    maps: dict[str, np.ndarray], stride: int, cell: tuple[int, int], edges: tuple[int, ...], *, logit: float, label: int
) -> None:
    """A box at a cell (row, column) whose edges lie whole strides away, left, upper, right, lower."""
    row, column = cell
    for side, distance in enumerate(edges):
        maps[f"edges{stride}"][0, side * BINS + distance, row, column] = 50.0
    maps[f"scores{stride}"][0, label, row, column] = logit


def test_boxes_by_hand(decoding: onnxruntime.InferenceSession) -> None:
    maps = feeds()
    put(maps, 8, (10, 4), (1, 2, 3, 4), logit=0.0, label=1)
    put(maps, 32, (15, 7), (2, 1, 0, 0), logit=2.0, label=0)
    table, abnormal = decoding.run(None, maps)
    np.testing.assert_allclose(
        table,
        [
            # centre (7.5, 15.5) x 32 = (240, 496)
            [240 - 64, 496 - 32, 240, 496, 1 / (1 + np.exp(-2)), 0],
            # centre (4.5, 10.5) x 8 = (36, 84)
            [36 - 8, 84 - 16, 36 + 24, 84 + 32, 0.5, 1],
        ],
        atol=1e-3,
    )
    assert abnormal == pytest.approx(1 / (1 + np.exp(-2)))


def test_distances_are_means_over_bins(decoding: onnxruntime.InferenceSession) -> None:
    maps = feeds()
    put(maps, 16, (8, 8), (2, 2, 2, 2), logit=1.0, label=0)
    maps["edges16"][0, 3, 8, 8] = 50.0  # left: half at 2, half at 3
    table, _ = decoding.run(None, maps)
    np.testing.assert_allclose(table[0, :4], [136 - 40, 136 - 32, 136 + 32, 136 + 32], atol=1e-3)


def test_a_network_may_have_fewer_bins() -> None:
    maps = feeds(bins=8)
    for side, distance in enumerate((1, 2, 3, 7)):
        maps["edges8"][0, side * 8 + distance, 10, 4] = 50.0
    maps["scores8"][0, 1, 10, 4] = 0.0
    table, _ = session(Rescoring(), bins=8).run(None, maps)
    np.testing.assert_allclose(table[:, :4], [[36 - 8, 84 - 16, 36 + 24, 84 + 56]], atol=1e-3)


def test_thresholds_and_classes(decoding: onnxruntime.InferenceSession) -> None:
    maps = feeds()
    put(maps, 8, (10, 4), (2, 2, 2, 2), logit=3.0, label=0)
    put(maps, 8, (10, 5), (2, 2, 2, 2), logit=2.0, label=0)  # overlaps by 0.6
    put(maps, 8, (11, 4), (2, 2, 2, 2), logit=1.0, label=1)  # another class
    put(maps, 8, (40, 4), (2, 2, 2, 2), logit=-1.0, label=0)  # 0.269
    maps["scores8"][0, 1, 10, 4] = 2.5  # the weaker class of the best cell makes no box
    table, _ = decoding.run(None, maps)
    assert table[:, 5].tolist() == [0, 1, 0]
    assert (np.diff(table[:, 4]) < 0).all()
    for changed, number in (({"iou": np.array(0.7, np.float32)}, 4), (limits(0.3), 2), (limits(0.99), 0)):
        assert decoding.run(None, {**maps, **changed})[0].shape == (number, 6)


def test_each_class_has_its_own_threshold(decoding: onnxruntime.InferenceSession) -> None:
    maps = feeds()
    logits = {0.731: 1.0, 0.5: 0.0, 0.269: -1.0, 0.119: -2.0}
    for number, logit in enumerate(logits.values()):
        put(maps, 8, (8 * number + 4, 4), (2, 2, 2, 2), logit=logit, label=0)
        put(maps, 8, (8 * number + 4, 16), (2, 2, 2, 2), logit=logit, label=1)
    for given_value, abnormal, normal in (
        ((0.6, 0.25), [0.731], [0.731, 0.5, 0.269]),
        ((0.25, 0.6), [0.731, 0.5, 0.269], [0.731]),
        ((0.1, 0.1), list(logits), list(logits)),
        ((0.9, 0.9), [], []),
    ):
        table, top = decoding.run(None, {**maps, **limits(*given_value)})
        assert table[table[:, 5] == 0, 4].tolist() == pytest.approx(abnormal, abs=1e-3)
        assert table[table[:, 5] == 1, 4].tolist() == pytest.approx(normal, abs=1e-3)
        assert top == pytest.approx(0.731, abs=1e-3)


def test_boxes_come_in_pixels_of_the_scan_and_end_at_its_edge(decoding: onnxruntime.InferenceSession) -> None:
    maps = feeds()
    put(maps, 8, (10, 4), (1, 1, 1, 1), logit=1.0, label=0)
    put(maps, 8, (30, 0), (0, 1, 1, 1), logit=0.5, label=0)  # in the margin beside the scan
    maps |= {
        "size": np.array([300, 60], np.float32),
        "scale": np.array([2, 2], np.float32),
        "margin": np.array([20, 30], np.float32),
    }
    table, _ = decoding.run(None, maps)
    # x: (28 - 30) / 2 is cut to 0, (44 - 30) / 2 = 7; y: (76 - 20) / 2 = 28, (92 - 20) / 2 = 36
    np.testing.assert_allclose(table[:, :4], [[0, 28, 7, 36]], atol=1e-3)


def test_others_lift_a_box_above_the_threshold_and_their_lack_lowers_it(together: onnxruntime.InferenceSession) -> None:
    maps = feeds()
    put(maps, 8, (10, 4), (2, 2, 2, 2), logit=-2.0, label=0)  # 0.119
    assert together.run(None, maps)[0].shape == (0, 6)
    for row in range(16, 64, 4):
        put(maps, 8, (row, 4), (2, 2, 2, 2), logit=4.0, label=0)
    assert together.run(None, maps)[0].shape == (13, 6)


def test_a_frame_without_boxes(together: onnxruntime.InferenceSession) -> None:
    table, abnormal = together.run(None, feeds())
    assert table.shape == (0, 6)
    assert 0 <= abnormal < 1e-5


def any_maps(seed: int, density: float) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Maps of random boxes, and those boxes, (cells, 4), with their scores, (2, cells)."""
    rng = np.random.default_rng(seed)
    maps = feeds(rows=256)
    boxes, scores = [], []
    for stride in STRIDES:
        edges, logits = maps[f"edges{stride}"], maps[f"scores{stride}"]
        edges[:] = rng.normal(0, 2, edges.shape)
        seen = rng.random(logits.shape) < density
        logits[seen] = rng.normal(0, 1, int(seen.sum()))
        shares = np.exp(edges.reshape(4, BINS, -1))
        distance = (shares / shares.sum(axis=1, keepdims=True) * np.arange(BINS)[:, None]).sum(axis=1)
        rows, columns = np.mgrid[: 256 // stride, : WIDTH // stride] + 0.5
        x, y = columns.ravel(), rows.ravel()
        boxes.append(np.stack([x - distance[0], y - distance[1], x + distance[2], y + distance[3]], axis=1) * stride)
        scores.append(1 / (1 + np.exp(-logits.reshape(2, -1))))
    return maps, np.concatenate(boxes).astype(np.float32), np.concatenate(scores, axis=1)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), density=st.floats(0, 0.2), iou=st.floats(0.1, 0.9))
def test_any_maps_give_the_boxes_of_the_project_s_own_suppression(
    decoding: onnxruntime.InferenceSession, seed: int, density: float, iou: float
) -> None:
    maps, boxes, scores = any_maps(seed, density)
    confidence, classes = scores.max(axis=0), scores.argmax(axis=0)
    chosen = np.flatnonzero(confidence > 0.25)
    kept = chosen[suppress(boxes[chosen], confidence[chosen], classes[chosen], np.float32(iou))][:MAX_DETECTIONS]
    table, _ = decoding.run(None, {**maps, "iou": np.array(iou, np.float32)})
    assert len(table) == len(kept)
    np.testing.assert_allclose(table[:, :4], np.clip(boxes[kept], 0, np.array([256, 1024, 256, 1024])), atol=0.01)
    np.testing.assert_allclose(table[:, 4], confidence[kept], atol=1e-5)
    np.testing.assert_array_equal(table[:, 5], classes[kept])


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), density=st.floats(0, 0.02), threshold=st.sampled_from([0.01, 0.25, 0.6]))
def test_any_maps_are_scored_in_the_light_of_each_other_as_outside_the_file(
    together: onnxruntime.InferenceSession, seed: int, density: float, threshold: float
) -> None:
    maps, boxes, scores = any_maps(seed, density)
    confidence, classes = scores.max(axis=0).astype(np.float32), scores.argmax(axis=0)
    chosen = np.flatnonzero(confidence > np.float32(min(threshold, 0.05)))
    kept = chosen[suppress(boxes[chosen], confidence[chosen], classes[chosen], np.float32(0.3))][:MAX_DETECTIONS]
    expected = rescore(confidence[kept], classes[kept], TOGETHER)
    table, abnormal = together.run(None, {**maps, **limits(threshold)})
    sure = np.abs(expected - threshold) > 1e-4  # rounding decides on those at the threshold
    shown = kept[sure & (expected > threshold)]
    assert len(shown) <= len(table) <= len(shown) + (~sure).sum()
    if sure.all():
        np.testing.assert_allclose(table[:, 4], np.sort(expected[expected > threshold])[::-1], atol=1e-4)
        assert sorted(table[:, 5]) == sorted(classes[shown])
    top = rescore_top(float(scores[0].max()), confidence[kept], classes[kept], TOGETHER)
    assert abnormal == pytest.approx(top, abs=1e-4)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), density=st.floats(0, 0.02), is_rescored=st.booleans())
def test_any_maps_show_the_boxes_of_each_class_above_its_own_threshold(
    decoding: onnxruntime.InferenceSession,
    together: onnxruntime.InferenceSession,
    seed: int,
    density: float,
    is_rescored: bool,
) -> None:
    """Those that a run with a low threshold for both shows, if they are above the threshold of their class."""
    maps, _, _ = any_maps(seed, density)
    chosen = together if is_rescored else decoding
    everything, top = chosen.run(None, {**maps, **limits(0.01)})
    table, own_top = chosen.run(None, {**maps, **limits(*TWO.by_class)})
    expected = everything[TWO.above(everything[:, 4], everything[:, 5].astype(np.int64))]
    np.testing.assert_allclose(table[:, :5], expected[:, :5], atol=1e-4)
    np.testing.assert_array_equal(table[:, 5], expected[:, 5])
    assert own_top == pytest.approx(top, abs=1e-6)
