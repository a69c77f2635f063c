"""Which hot spots get a box, and where it ends."""

from __future__ import annotations

import numpy as np
import pytest

from bonescan_yolo.classes import ABNORMAL, NORMAL
from bonescan_yolo.phantom.camera import Patch
from bonescan_yolo.phantom.config import TruthConfig
from bonescan_yolo.phantom.truth import Candidate, find_marks

CONFIG = TruthConfig(
    least_contrast=0.5, least_cnr=5, least_of_bone=0.2, edge_of_peak=0.4, edge_contrast=0.25, least_side_px=3
)


def square(counts: float, row: int, column: int, side: int = 6, label: int = ABNORMAL) -> Candidate:
    pixels = np.zeros((side + 8, side + 8), np.float32)
    pixels[4:-4, 4:-4] = counts
    return Candidate(f"{row}_{column}", label, Patch(pixels, row - 4, column - 4))


def boxes(*candidates: Candidate, level: float = 20.0) -> list[tuple[int, tuple[int, int, int, int]]]:
    expected = np.full((120, 80), level, np.float32)
    for candidate in candidates:
        expected[candidate.patch.slices] += candidate.patch.pixels
    return [(mark.label, mark.box) for mark in find_marks(list(candidates), expected, CONFIG)]


def test_a_box_fits_its_hot_spot() -> None:
    assert boxes(square(40, row=50, column=30)) == [(ABNORMAL, (30, 50, 36, 56))]


@pytest.mark.parametrize("counts", [0.0, 1.0, 9.0])
def test_what_does_not_stand_out_gets_no_box(counts: float) -> None:
    assert boxes(square(counts, row=50, column=30)) == []


def test_what_drowns_in_noise_gets_no_box() -> None:
    assert boxes(square(0.3, row=50, column=30), level=0.5) == []
    assert len(boxes(square(30, row=50, column=30), level=0.5)) == 1


def test_touching_hot_spots_of_a_class_share_a_box() -> None:
    assert boxes(square(40, 50, 30), square(40, 50, 36)) == [(ABNORMAL, (30, 50, 42, 56))]
    assert len(boxes(square(40, 50, 30), square(40, 50, 38))) == 2
    assert len(boxes(square(40, 50, 30), square(40, 50, 36, label=NORMAL))) == 2


def test_specks_get_no_box() -> None:
    assert boxes(square(400, row=50, column=30, side=2)) == []


def test_boxes_come_from_the_top() -> None:
    marks = boxes(square(40, 90, 30), square(40, 20, 60), square(40, 50, 10, label=NORMAL))
    assert [box[1] for _, box in marks] == [20, 50, 90]
