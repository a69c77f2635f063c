"""Context, fitted to boxes whose hits are drawn with a known one."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.scan_context import fit_context
from bonescan_yolo.classes import ABNORMAL
from bonescan_yolo.evaluate.matching.scan_result import ScanResult
from bonescan_yolo.model.rescoring import Context, in_context

SIDE_PX = 4


@pytest.mark.parametrize(("weight", "lone"), [(0.0, 1.0), (0.8, 0.3)])
def test_the_context_that_hits_were_drawn_with_is_found(weight: float, lone: float) -> None:
    rng = np.random.default_rng(0)
    results = [scan(rng, int(number), Context(weight, lone)) for number in rng.geometric(0.15, 500)]
    found = fit_context(results)
    assert found.weight == pytest.approx(weight, abs=0.12)
    assert found.lone == pytest.approx(lone, rel=0.3)


def scan(rng: np.random.Generator, number: int, context: Context) -> ScanResult:
    """So many boxes in a row, each right as often as the context says."""
    confidences = np.sort(rng.uniform(0.06, 0.95, number).astype(np.float32))[::-1]
    classes = np.full(number, ABNORMAL, np.int64)
    left = np.arange(number, dtype=np.float32) * 2 * SIDE_PX
    boxes = np.stack([left, 0 * left, left + SIDE_PX, 0 * left + SIDE_PX], axis=1)
    right = rng.random(number) < in_context(confidences, classes, context)
    return ScanResult(
        width=2 * SIDE_PX * number,
        height=SIDE_PX,
        true_boxes=boxes[right],
        true_classes=classes[right],
        boxes=boxes,
        confidences=confidences,
        classes=classes,
    )
