"""The card of an ONNX file: a temperature is stored in it, and the model is otherwise the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.model.card import APP, ModelCard
from bonescan_yolo.model.card_file import store_operating_points, store_temperature
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.model.operating_points import OperatingPoints
from bonescan_yolo.model.thresholds import Thresholds
from tests.factories import SPOT_CONFIDENCES, card_metadata, grey_scan, make_model


def test_stored(tmp_path: Path, model_path: Path) -> None:
    copy = tmp_path / "model.onnx"
    copy.write_bytes(model_path.read_bytes())
    assert Detector(copy).card.temperature is None
    store_temperature(copy, 1.5)
    detector = Detector(copy)
    assert detector.card.temperature == 1.5
    assert detector.card.trained_on == "squares"
    np.testing.assert_allclose(detector(grey_scan())[0].confidences, SPOT_CONFIDENCES, atol=1e-5)
    store_temperature(copy, 0.5)
    assert Detector(copy).card.temperature == 0.5
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]


def test_a_threshold_for_each_class_stays(tmp_path: Path) -> None:
    card = ModelCard(trained_on="squares", confidence=0.7, normal_confidence=0.5)
    (tmp_path / "model.onnx").write_bytes(make_model(card_metadata(card)))
    store_temperature(tmp_path / "model.onnx", 1.5)
    assert Detector(tmp_path / "model.onnx").card == replace(card, temperature=1.5)


def test_weights_carry_none(tmp_path: Path) -> None:
    with pytest.raises(BonescanError, match=r"best\.pt: cannot hold a temperature; export it"):
        store_temperature(tmp_path / "best.pt", 1.5)


POINTS = OperatingPoints(Thresholds.both(0.2), Thresholds.both(0.7), Thresholds.both(0.9))


def test_operating_points_are_stored_and_the_balanced_one_is_the_default(tmp_path: Path, model_path: Path) -> None:
    copy = tmp_path / "model.onnx"
    copy.write_bytes(model_path.read_bytes())
    store_operating_points(copy, POINTS)
    detector = Detector(copy)
    assert (detector.card.operating_points, detector.thresholds) == (POINTS, POINTS.balanced)
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]


def test_the_default_thresholds_of_a_self_contained_file_stay(tmp_path: Path) -> None:
    """They are in its network too, where the card cannot change them."""
    path = tmp_path / "model-app.onnx"
    card = ModelCard(trained_on="squares", confidence=0.7, layout=APP)
    path.write_bytes(make_model(card_metadata(card)))
    before = path.read_bytes()
    with pytest.raises(BonescanError, match="has other default thresholds in its network; write the points with --out"):
        store_operating_points(path, replace(POINTS, balanced=Thresholds.both(0.6)))
    assert path.read_bytes() == before
    store_operating_points(path, POINTS)
    assert path.read_bytes() != before


def test_weights_cannot_be_changed(tmp_path: Path) -> None:
    with pytest.raises(BonescanError, match=r"best\.pt: cannot be changed; leave --store out"):
        store_operating_points(tmp_path / "best.pt", POINTS)
