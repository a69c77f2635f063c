"""The thresholds of the classes: what is above them, and how a user gives them."""

from __future__ import annotations

import numpy as np
import pytest

from bonescan_yolo.errors import SettingsError
from bonescan_yolo.model.thresholds import Thresholds, as_thresholds, parse_thresholds

TWO = Thresholds(abnormal=0.4, normal=0.3)
CLASSES = np.array([0, 1, 0, 1])


def test_a_box_is_compared_with_the_threshold_of_its_class() -> None:
    confidences = np.array([0.35, 0.35, 0.45, 0.25], np.float32)
    assert TWO.above(confidences, CLASSES).tolist() == [False, True, True, False]
    assert Thresholds.both(0.3).above(confidences, CLASSES).tolist() == [True, True, True, False]
    assert TWO.above(np.zeros(0, np.float32), np.zeros(0, np.int64)).tolist() == []


def test_a_confidence_at_the_threshold_is_not_above_it() -> None:
    """In float32, as in ONNX files: 0.3 is a little more there than in float64."""
    at = np.array([0.4, 0.3], np.float32)
    assert not TWO.above(at, np.array([0, 1])).any()
    assert not TWO.above(at.astype(np.float64), np.array([0, 1])).any()
    assert TWO.above(np.nextafter(at, np.float32(1)), np.array([0, 1])).all()


def test_what_they_have_in_common() -> None:
    assert (TWO.lowest, TWO.are_equal, TWO.by_class) == (0.3, False, (0.4, 0.3))
    assert (Thresholds.both(0.4).lowest, Thresholds.both(0.4).are_equal) == (0.4, True)
    assert (str(TWO), str(Thresholds.both(0.45))) == ("0.4 (abnormal), 0.3 (normal)", "0.45")
    assert TWO.as_record() == {"abnormal": 0.4, "normal": 0.3}
    assert (as_thresholds(0.4), as_thresholds(TWO)) == (Thresholds.both(0.4), TWO)


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), float("inf")])
def test_both_are_fractions(value: float) -> None:
    assert TWO.are_valid
    assert not Thresholds(0.4, value).are_valid
    assert not Thresholds(value, 0.4).are_valid


def test_moved_they_stay_fractions() -> None:
    assert Thresholds(abnormal=0.5, normal=0.25).moved(0.25) == Thresholds(abnormal=0.75, normal=0.5)
    assert Thresholds(abnormal=0.5, normal=0.1).moved(-0.25) == Thresholds(abnormal=0.25, normal=0)
    assert Thresholds(abnormal=0.95, normal=0.5).moved(0.25) == Thresholds(abnormal=1, normal=0.75)


@pytest.mark.parametrize(
    ("text", "thresholds"),
    [
        ("0.4", Thresholds.both(0.4)),
        ("1", Thresholds.both(1)),
        ("abnormal=0.4,normal=0.3", TWO),
        ("normal=.3, abnormal=.4", TWO),
        ("abnormal=0.4,normal=0.4", Thresholds.both(0.4)),
        ("abnormal=7,normal=0", Thresholds(7, 0)),  # the range is checked where the model is known
    ],
)
def test_what_a_user_types(text: str, thresholds: Thresholds) -> None:
    assert parse_thresholds(text) == thresholds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "high",
        "0.4,0.3",
        "abnormal=0.4",
        "abnormal=0.4,abnormal=0.3",
        "abnormal=0.4,normal=",
        "a=0.4,normal=0.3",
        "abnormal=0.4,normal=0.3,normal=0.2",
        "abnormal=0.4=0.3,normal=0.3",
        "abnormal:0.4,normal:0.3",
    ],
)
def test_what_is_no_threshold(text: str) -> None:
    with pytest.raises(SettingsError) as error:
        parse_thresholds(text)
    assert str(error.value) == (
        f"--conf {text}: is not a threshold; give a number such as 0.4, or one for each class: abnormal=0.4,normal=0.3"
    )
