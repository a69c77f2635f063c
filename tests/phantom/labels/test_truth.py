"""Which hot spots get a box, and where it ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bonescan_yolo.classes import ABNORMAL, NORMAL
from bonescan_yolo.phantom.camera import Image, Patch
from bonescan_yolo.phantom.labels.truth import Candidate, Mark, find_marks
from bonescan_yolo.phantom.parameters import TruthConfig, read_parameters
from bonescan_yolo.scan.identity.names import View

CONFIG = read_parameters().truth.model_copy(
    update={
        "least_contrast": 0.5,
        "least_over_median": 1.5,
        "least_over_bright": 1.2,
        "least_of_bone": 0.8,
        "least_cnr": 5.0,
        "edge_of_peak": 0.4,
        "edge_contrast": 0.25,
        "margin_px": 0,
        "least_side_px": 3.0,
    }
)


def square(
    counts: float,
    row: int,
    column: int,
    side: int = 6,
    *,
    label: int = ABNORMAL,
    least_over_median: float | None = None,
    abnormal_px: tuple[float, float] | None = None,
) -> Candidate:
    pixels = np.zeros((side + 8, side + 8), np.float32)
    pixels[4:-4, 4:-4] = counts
    return Candidate(f"{row}_{column}", label, Patch(pixels, row - 4, column - 4), least_over_median, abnormal_px)


def add(level: Image, *candidates: Candidate) -> Image:
    expected = level.copy()
    for candidate in candidates:
        expected[candidate.patch.slices] += candidate.patch.pixels
    return expected


def marks_on(level: Image, *candidates: Candidate, config: TruthConfig = CONFIG, view: View = "anterior") -> list[Mark]:
    return find_marks(list(candidates), add(level, *candidates), view, config)


def boxes(*candidates: Candidate, level: float = 20.0) -> list[tuple[int, tuple[int, int, int, int]]]:
    return [(mark.label, mark.box) for mark in marks_on(np.full((120, 80), level, np.float32), *candidates)]


def test_a_box_fits_its_hot_spot() -> None:
    assert boxes(square(40, row=50, column=30)) == [(ABNORMAL, (30, 50, 36, 56))]


@pytest.mark.parametrize("counts", [0.0, 1.0, 9.0])
def test_what_does_not_stand_out_gets_no_box(counts: float) -> None:
    assert boxes(square(counts, row=50, column=30)) == []


@pytest.mark.parametrize(
    ("counts", "least", "number"),
    [(40, None, 1), (40, 2.9, 1), (40, 3.1, 0), (10.5, None, 1), (10.5, 1.6, 0), (9.9, None, 0), (9.9, 1.4, 1)],
)
def test_a_bound_of_its_own_is_above_or_below_the_common_one(counts: float, least: float | None, number: int) -> None:
    """Of 20 counts around it; readers want knees to stand out further than a metastasis, and noses less."""
    own = square(counts, row=50, column=30, label=NORMAL, least_over_median=least)
    level = np.full((120, 80), 20.0, np.float32)
    assert len(marks_on(level, own, config=CONFIG.model_copy(update={"least_contrast": 0.1}))) == number


def test_what_drowns_in_noise_gets_no_box() -> None:
    assert boxes(square(0.3, row=50, column=30), level=0.5) == []
    assert len(boxes(square(30, row=50, column=30), level=0.5)) == 1


def test_uptake_along_a_bone_is_boxed_from_end_to_end() -> None:
    """Its bright end is three times as hot as the rest."""
    streak = square(40, row=20, column=30, side=60)
    pixels = np.zeros_like(streak.patch.pixels)
    pixels[4:14, 30:36] = 120.0
    pixels[14:50, 31:35] = 40.0
    streak = replace(streak, patch=Patch(pixels, streak.patch.row, streak.patch.column))
    (mark,) = marks_on(np.full((120, 120), 10.0, np.float32), streak)
    assert (mark.box[1], mark.box[3]) == (20, 66)


def test_touching_hot_spots_of_a_class_share_a_box() -> None:
    assert boxes(square(40, 50, 30), square(40, 50, 36)) == [(ABNORMAL, (30, 50, 42, 56))]
    assert len(boxes(square(40, 50, 30), square(40, 50, 38))) == 2
    assert len(boxes(square(40, 50, 30), square(40, 50, 36, label=NORMAL))) == 2


def test_a_hot_spot_that_flows_into_a_brighter_one_of_another_class_gets_no_box() -> None:
    """A lesion behind the edge of the bladder; a lesion as bright as the bladder keeps its box."""
    bladder = square(400, 50, 36, label=NORMAL)
    assert [label for label, _ in boxes(square(100, 50, 30), bladder)] == [NORMAL]
    assert [label for label, _ in boxes(square(400, 50, 30), bladder)] == [ABNORMAL, NORMAL]
    assert len(boxes(square(100, 50, 26), bladder)) == 2


@pytest.mark.parametrize(("view", "rows"), [("anterior", [10, 50, 90]), ("posterior", [50, 90])])
def test_readers_of_posterior_scans_ask_more_of_faces_and_normal_joints(view: View, rows: list[int]) -> None:
    """All stand out 2.5 times; the face has a bound of its own (2, from behind 3), and so has the abnormal joint."""
    face = square(30, 10, 10, label=NORMAL, least_over_median=2.0)
    others = (square(30, 50, 30, label=ABNORMAL, least_over_median=2.0), square(30, 90, 30, label=NORMAL))
    config = CONFIG.model_copy(update={"normal_from_behind": 1.5})
    level = np.full((120, 80), 20.0, np.float32)
    assert [mark.box[1] for mark in marks_on(level, face, *others, config=config, view=view)] == rows


@pytest.mark.parametrize(
    ("sizes", "labels"),
    [
        (None, [ABNORMAL] * 3),
        ((0.0, 10.0), [ABNORMAL, ABNORMAL, NORMAL]),
        ((8.0, 99.0), [NORMAL, ABNORMAL, ABNORMAL]),
        ((0.0, 0.0), [NORMAL] * 3),
    ],
)
def test_what_looks_like_wear_is_called_by_the_size_that_is_seen(
    sizes: tuple[float, float] | None, labels: list[int]
) -> None:
    """From the top 6, 8 and 12 pixels wide; the first is found, the second excluded."""
    spots = [square(40, row, 30, side, abnormal_px=sizes) for row, side in ((10, 6), (40, 8), (80, 12))]
    assert [label for label, _ in boxes(*spots)] == labels


def test_a_focus_that_is_called_abnormal_is_asked_no_more_from_behind() -> None:
    level = np.full((120, 80), 20.0, np.float32)
    config = CONFIG.model_copy(update={"normal_from_behind": 1.5})
    for sizes, number in (((0.0, 9.0), 1), ((9.0, 99.0), 0)):
        joint = square(30, 50, 30, label=NORMAL, least_over_median=2.0, abnormal_px=sizes)
        assert len(marks_on(level, joint, config=config, view="posterior")) == number


def test_a_bright_neighbour_hides_a_hot_spot() -> None:
    level = np.full((120, 80), 20.0, np.float32)
    lesion = square(20, row=50, column=30)
    assert len(marks_on(level, lesion)) == 1
    level[45:65, 37:45] = 60.0  # a spine beside it
    assert marks_on(level, lesion) == []


def test_a_margin_widens_boxes_inside_the_image() -> None:
    level = np.full((120, 80), 20.0, np.float32)
    lesion = square(40, row=50, column=6)
    wide = CONFIG.model_copy(update={"margin_px": 8})
    (mark,) = marks_on(level, lesion, config=wide)
    assert mark.box == (0, 42, 20, 64)
    assert mark.mask.shape == (22, 20)
    assert mark.mask.sum() == 36


def test_specks_get_no_box() -> None:
    assert boxes(square(400, row=50, column=30, side=2)) == []


def test_boxes_come_from_the_top() -> None:
    marks = boxes(square(40, 90, 30), square(40, 20, 60), square(40, 50, 10, label=NORMAL))
    assert [box[1] for _, box in marks] == [20, 50, 90]
