"""Compare an exported file with the weights or file it was made from.

Three checks, one for each kind of file: the stock file must give the numbers of the weights, the app file the boxes of
the stock file, and the INT8 file nearly the average precision of the app file. Each returns what it found in words, or
raises an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.boxes import from_centres
from bonescan_yolo.dataset.dataset_yaml import Dataset
from bonescan_yolo.errors import ModelError
from bonescan_yolo.evaluate.matching.average_precision import average_precision
from bonescan_yolo.evaluate.read_split import open_model, read_results
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.model.runtime import Detections, Layout, RawLayout
from bonescan_yolo.model.thresholds import Thresholds

COMPARED_ANCHORS = 100
"""Best anchors of each scan whose boxes are compared; the boxes of anchors with a score near 0 are arbitrary."""


@dataclass(frozen=True)
class Tolerance:
    """How far two networks may differ.

    Attributes:
        box_px: edges of boxes, in pixels of the network's input.
        score: scores in [0, 1].
        lowest_score: boxes with a lower score are not compared.
    """

    box_px: float
    score: float
    lowest_score: float = 0.0


ROUNDING_TOLERANCE = Tolerance(box_px=0.1, score=0.001)
"""Differences from rounding in another order of operations; larger ones mean that it is another network."""

HALF_TOLERANCE = Tolerance(box_px=0.25, score=0.01, lowest_score=0.05)
"""Differences from storing the weights in 16 bit, which rounds a weight by up to 1 in 2,048: the .pt file holds 16-bit
weights, but export multiplies those of convolution and normalisation, and the products are not 16-bit numbers. A
yolov8n trained for minutes on simulated scans differed by 0.004 px and 0.0003; boxes of bone scans are accurate to
about a pixel. Boxes with a score below 0.05 are not shown to anybody and change more (0.4 px in that comparison)."""

CROP_TOLERANCE = Tolerance(box_px=0.5, score=0.02)
"""How far a box may move when the rows below the feet are cut off and still count as the same."""

EQUIVALENT_SHARE = 0.99
"""Least share of scans that must show the same boxes when the rows below the feet are cut off."""

MOST_LOST_AP50 = 0.005
"""AP50 of a class, in [0, 1], that INT8 may lose against float32 on the whole test split."""

MOST_INT8_BYTES = 4_000_000
"""Of a yolov8n or a smaller network; the file of a larger one may have half the bytes of its float32 file."""


class RefusedError(ModelError):
    """An INT8 file that is not good enough; the other files may still be written."""


@dataclass(frozen=True)
class Agreement:
    """The largest differences between an ONNX file and its weights over all scans compared.

    Attributes:
        scans: number of scans.
        box_px: of an edge of a box, in pixels of the network's input.
        score: of a score in [0, 1].
    """

    scans: int
    box_px: float
    score: float

    def is_within(self, tolerance: Tolerance) -> bool:
        """Return whether the differences are no more than allowed."""
        return self.box_px <= tolerance.box_px and self.score <= tolerance.score

    def __str__(self) -> str:
        """Return the figures for a user."""
        return f"{self.scans} scans: boxes within {self.box_px:.4f} px, scores within {self.score:.6f}"


def check_stock(
    stock: Detector, weights: RawLayout, frames: Sequence[NDArray[np.uint8]], tolerance: Tolerance
) -> Agreement:
    """Return how far a stock file is from the weights it was made from.

    Args:
        stock: the file.
        weights: the network of the weights.
        frames: each (input height, input width) uint8 grey levels, see `frames_of`.
        tolerance: the most it may be.

    Raises:
        ModelError: the file differs more than allowed.
    """
    if not isinstance(stock.layout, RawLayout):
        raise TypeError(f"{stock.path} is not a stock file")
    agreement = compare_raw(weights, stock.layout, frames, tolerance.lowest_score)
    if not agreement.is_within(tolerance):
        raise ModelError(
            f"{stock.path.name}: not written, since the exported network differs from the weights by "
            f"{agreement.box_px:.3f} px and {agreement.score:.4f} in score; "
            "please report this with your versions of torch and onnx"
        )
    return agreement


def check_app(app: Detector, stock: Detector, frames: Sequence[NDArray[np.uint8]]) -> str:
    """Return in words on how many scans an app file shows the boxes of the stock file.

    Args:
        app: the self-contained file.
        stock: the file of the same weights whose boxes it must show.
        frames: each (input height, input width) uint8 grey levels.

    Raises:
        ModelError: it shows other boxes on more scans than allowed.
    """
    lowered = lowered_thresholds(app.card.thresholds)
    first, second = (Detector(each.path, lowered).layout for each in (stock, app))
    share = share_equivalent(first, second, frames, app.card.thresholds)
    if share * len(frames) < EQUIVALENT_SHARE * len(frames) - 1:  # one scan more, since few are compared
        raise ModelError(
            f"{app.path.name}: not written, since it shows other boxes than {stock.path.name} on "
            f"{1 - share:.0%} of {len(frames)} scans; please report this with your versions of torch and onnx"
        )
    return f"same boxes as {stock.path.name} on {round(share * len(frames))} of {len(frames)} scans"


def check_int8(int8: Detector, app: Detector, dataset: Dataset) -> str:
    """Return in words how much AP50 an INT8 file loses on the test split against the float32 file.

    Args:
        int8: the self-contained file in INT8.
        app: the self-contained file in float32.
        dataset: whose test split is read with both.

    Raises:
        RefusedError: the file is too large, loses too much, or the test split has no boxes.
    """
    name, scans = int8.path.name, len(dataset.images.get("test", ()))
    limit = max(MOST_INT8_BYTES, app.path.stat().st_size // 2)
    if int8.path.stat().st_size > limit:
        raise RefusedError(f"{name}: not written, since it has more than {limit / 1e6:.1f} MB; use --half")
    before, after = (_ap50(dataset, detector) for detector in (app, int8))
    lost = {label: before[label] - after[label] for label in before}
    if not lost:
        raise RefusedError(
            f"{name}: not written, since the test split of {dataset.yaml} has no boxes to measure its loss on; "
            "give another --data, or leave int8 out of --files"
        )
    words = ", ".join(f"{label} {100 * value:+.2f}" for label, value in lost.items())
    if max(lost.values()) > MOST_LOST_AP50:
        raise RefusedError(
            f"{name}: not written, since it loses more than {100 * MOST_LOST_AP50:.1f} points of AP50 ({words}) on "
            f"the {scans} scans of the test split; give --data with more of them, since few scans say little, or leave "
            "int8 out of --files"
        )
    return f"AP50 lost on {scans} test scans, points: {words}"


def compare_raw(
    weights: RawLayout, stock: RawLayout, frames: Sequence[NDArray[np.uint8]], lowest_score: float = 0.0
) -> Agreement:
    """Return the largest differences between the raw outputs of weights and a stock file.

    Args:
        weights: the network of the weights.
        stock: the exported network.
        frames: each (input height, input width) uint8 grey levels.
        lowest_score: boxes with a lower score by the weights are not compared; scores are.
    """
    box_px, score = 0.0, 0.0
    for frame in frames:
        ours, theirs = stock.run(frame), weights.run(frame)
        score = max(score, float(np.abs(ours[4:] - theirs[4:]).max()))
        scores = theirs[4:].max(axis=0)
        best = np.argsort(-scores, kind="stable")[:COMPARED_ANCHORS]
        best = best[scores[best] >= lowest_score]
        edges = np.abs(from_centres(ours[:4, best].T) - from_centres(theirs[:4, best].T))
        box_px = max(box_px, float(edges.max(initial=0.0)))
    return Agreement(len(frames), box_px, score)


def lowered_thresholds(thresholds: Thresholds) -> Thresholds:
    """Return the thresholds to open files with that `share_equivalent` is to compare at others."""
    return thresholds.moved(-2 * CROP_TOLERANCE.score)


def share_equivalent(
    first: Layout, second: Layout, frames: Sequence[NDArray[np.uint8]], thresholds: Thresholds
) -> float:
    """Return the share of scans, in [0, 1], on which two files show the same boxes.

    A box is the same if the other file has one of its class within CROP_TOLERANCE of it. A box so near the threshold
    that the tolerance could hide it may be missing.

    Args:
        first: one of the files, opened with `lowered_thresholds`.
        second: the other, opened likewise.
        frames: each (input height, input width) uint8 grey levels.
        thresholds: of the classes, in [0, 1].
    """
    surely = thresholds.moved(CROP_TOLERANCE.score)
    same = 0
    for frame in frames:
        found = [layout.find(frame) for layout in (first, second)]
        same += all(_contains(found[1 - i], found[i], surely) for i in (0, 1))
    return same / len(frames)


def _contains(outer: Detections, inner: Detections, thresholds: Thresholds) -> bool:
    """Return whether each box of `inner` above thresholds is in `outer`."""
    surely = thresholds.above(inner.confidences, inner.classes)
    for box, score, label in zip(inner.boxes[surely], inner.confidences[surely], inner.classes[surely], strict=True):
        near = np.abs(outer.boxes - box).max(axis=1, initial=0.0) <= CROP_TOLERANCE.box_px
        near &= np.abs(outer.confidences - score) <= CROP_TOLERANCE.score
        if not (near & (outer.classes == label)).any():
            return False
    return True


def _ap50(dataset: Dataset, detector: Detector) -> dict[str, float]:
    """Return the AP50, in [0, 1], of each class that the test split has boxes of."""
    if not dataset.images.get("test"):
        return {}
    results = read_results(dataset, "test", open_model(detector.path))
    return {label: metric.ap50 for label, metric in average_precision(results).items() if metric.ap50 is not None}
