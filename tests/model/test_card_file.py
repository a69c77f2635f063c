"""The card of an ONNX file: a temperature is stored in it, and the model is otherwise the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.model.card import APP, ModelCard
from bonescan_yolo.model.card_file import store_operating_points, store_temperature
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.model.operating_points import OperatingPoints
from bonescan_yolo.model.thresholds import Thresholds
from bonescan_yolo.resources import shipped_model
from tests.factories import SPOT_CONFIDENCES, card_metadata, grey_scan, make_model
from tests.web.stand_in import make_app_model


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


def test_a_self_contained_file_has_the_balanced_thresholds_in_its_network_too(tmp_path: Path) -> None:
    original, stored = tmp_path / "original.onnx", tmp_path / "stored.onnx"
    for path in (original, stored):
        path.write_bytes(make_app_model())
    balanced = Thresholds(abnormal=0.9, normal=0.3)
    store_operating_points(stored, OperatingPoints(Thresholds(0.2, 0.3), balanced, balanced))
    wanted = Detector(original, confidence=balanced)(grey_scan())[0]
    assert (wanted.n_abnormal, wanted.n_normal) == (1, 1)  # with the original's own thresholds there are 2 abnormal
    reading = Detector(stored)(grey_scan())[0]
    np.testing.assert_array_equal(reading.boxes, wanted.boxes)
    np.testing.assert_array_equal(reading.confidences, wanted.confidences)
    table, _ = onnxruntime.InferenceSession(stored).run(None, {"scan": grey_scan()})  # as an app without this package
    np.testing.assert_array_equal(table[:, :4], wanted.boxes)


@pytest.mark.parametrize("name", ["bonescan-app.onnx", "bonescan-app-int8.onnx"])
def test_the_shipped_self_contained_files_take_other_thresholds(tmp_path: Path, name: str) -> None:
    original, stored = shipped_model().with_name(name), tmp_path / name
    stored.write_bytes(original.read_bytes())
    balanced = Thresholds(abnormal=1.0, normal=0.01)
    store_operating_points(stored, OperatingPoints(balanced, balanced, balanced))
    wanted = Detector(original, confidence=balanced)(grey_scan(), force=True)[0]
    assert len(wanted.boxes) < len(Detector(original)(grey_scan(), force=True)[0].boxes)
    table, _ = onnxruntime.InferenceSession(stored).run(None, {"scan": grey_scan()})
    np.testing.assert_array_equal(table[:, :4], wanted.boxes)


def test_a_self_contained_file_without_thresholds_in_its_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model-app.onnx"
    path.write_bytes(make_model(card_metadata(ModelCard(trained_on="squares", layout=APP))))
    before = path.read_bytes()
    with pytest.raises(BonescanError, match=r"model-app\.onnx: has no thresholds that can be set; export it again"):
        store_operating_points(path, POINTS)
    assert path.read_bytes() == before


def test_weights_cannot_be_changed(tmp_path: Path) -> None:
    with pytest.raises(BonescanError, match=r"best\.pt: cannot be changed; leave --store out"):
        store_operating_points(tmp_path / "best.pt", POINTS)
