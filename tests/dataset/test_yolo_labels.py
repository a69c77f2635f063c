"""The YOLO label format."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonescan_yolo.boxes import empty_boxes
from bonescan_yolo.dataset.yolo_labels import format_labels, read_labels
from bonescan_yolo.errors import BonescanError


def test_by_hand(tmp_path: Path) -> None:
    text = format_labels(np.array([[64, 256, 128, 512]], np.float32), np.array([1]), 256, 1024)
    assert text == "1 0.375000 0.375000 0.250000 0.250000\n"
    (tmp_path / "1.txt").write_text(text)
    boxes, classes = read_labels(tmp_path / "1.txt", 256, 1024)
    assert boxes.tolist() == [[64, 256, 128, 512]]
    assert classes.tolist() == [1]


def test_confidence_is_a_sixth_column_that_reading_passes_over(tmp_path: Path) -> None:
    text = format_labels(
        np.array([[0, 0, 256, 1024]], np.float32), np.array([0]), 256, 1024, np.array([0.875], np.float32)
    )
    assert text == "0 0.500000 0.500000 1.000000 1.000000 0.875000\n"
    (tmp_path / "1.txt").write_text(text)
    assert read_labels(tmp_path / "1.txt", 256, 1024)[0].tolist() == [[0, 0, 256, 1024]]


def test_a_background_scan_is_an_empty_file(tmp_path: Path) -> None:
    assert format_labels(empty_boxes(), np.zeros(0, np.int64), 256, 1024) == ""
    (tmp_path / "1.txt").write_text("\n \n")
    boxes, classes = read_labels(tmp_path / "1.txt", 256, 1024)
    assert boxes.shape == (0, 4)
    assert classes.shape == (0,)


@given(
    st.integers(32, 8192),
    st.integers(32, 8192),
    st.lists(st.tuples(*[st.floats(0, 1)] * 4, st.integers(0, 1)), max_size=8),
)
def test_round_trip_within_six_decimals(
    tmp_path_factory: pytest.TempPathFactory, width: int, height: int, rows: list[tuple[float, ...]]
) -> None:
    boxes = np.array(
        [[min(a, b) * width, min(c, d) * height, max(a, b) * width, max(c, d) * height] for a, b, c, d, _ in rows],
        dtype=np.float32,
    ).reshape(-1, 4)
    classes = np.array([row[4] for row in rows], dtype=np.int64)
    path = tmp_path_factory.getbasetemp() / "round_trip.txt"
    path.write_text(format_labels(boxes, classes, width, height))
    again, again_classes = read_labels(path, width, height)
    np.testing.assert_array_equal(again_classes, classes)
    # half a unit of the sixth decimal for the centre, and half of that for half the side, and float32
    tolerance = 0.75e-6 * max(width, height) + 2e-7 * max(width, height)
    np.testing.assert_allclose(again, boxes, atol=tolerance, rtol=0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"0 0.5 0.5 0.1", "has a line without `class cx cy w h`"),
        (b"0 0.5 0.5 0.1 x", "holds something other than numbers"),
        (b"\xff\xfe", "holds something other than numbers"),
        (b"2 0.5 0.5 0.1 0.1", "has a class other than 0 and 1"),
        (b"0.5 0.5 0.5 0.1 0.1", "has a class other than 0 and 1"),
        (b"0 nan 0.5 0.1 0.1", "or a box that is not finite"),
        (None, "cannot be read (No such file or directory)"),
    ],
)
def test_bad_files(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "1.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BonescanError) as error:
        read_labels(path, 256, 1024)
    assert str(error.value).startswith(f"{path}: ")
    assert message in str(error.value)
