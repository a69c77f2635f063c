"""Operating points: which thresholds they have, in a card, in a file, and by name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bonescan_yolo.errors import BonescanError, ModelError, SettingsError
from bonescan_yolo.model.card import CLASS_SCHEMA, METADATA_KEY, SCHEMA, SHARED_SCHEMA, ModelCard, read_model_card
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.model.operating_points import OperatingPoints, points_of, thresholds_at
from bonescan_yolo.model.points_file import read_points, write_points
from bonescan_yolo.model.thresholds import Thresholds
from bonescan_yolo.predict.formats.reading_json import describe
from tests.factories import card_metadata, grey_scan, make_model

POINTS = OperatingPoints(Thresholds(0.2, 0.5), Thresholds(0.7, 0.5), Thresholds(0.9, 0.5))
CARD = ModelCard(trained_on="squares").with_operating_points(POINTS)

SHARED = json.loads((Path(__file__).parents[1] / "shared" / "thresholds.json").read_text())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a model with operating points."""
    (tmp_path / "points.onnx").write_bytes(make_model(card_metadata(CARD)))
    return tmp_path / "points.onnx"


def test_a_card_stores_two_points_and_its_default_thresholds_are_the_third() -> None:
    fields = json.loads(CARD.to_json())
    assert (fields["schema"], fields["confidence"], fields["normal_confidence"]) == (SCHEMA, 0.7, 0.5)
    assert fields["sensitive"] == {"abnormal": 0.2, "normal": 0.5}
    assert "balanced" not in fields
    read = read_model_card({METADATA_KEY: CARD.to_json()}, "x.onnx")
    assert (read, read.operating_points) == (CARD, POINTS)


def test_a_card_gives_the_points_of_the_table_shared_with_the_page() -> None:
    fields = json.loads(ModelCard(trained_on="squares").to_json())
    for case in SHARED["points"]:
        points = read_model_card({METADATA_KEY: json.dumps({**fields, **case["fields"]})}, "x.onnx").operating_points
        assert (None if points is None else points.as_record()) == case["points"]
        for named in case.get("names", []):
            assert points is not None
            assert points.name_of(Thresholds(**named["thresholds"])) == named["name"]


def test_other_default_thresholds_end_the_points() -> None:
    shared = CARD.with_thresholds(Thresholds.both(0.4))
    assert shared == ModelCard(trained_on="squares", confidence=0.4)
    assert shared.operating_points is None
    assert json.loads(shared.to_json())["schema"] == SHARED_SCHEMA
    assert json.loads(CARD.with_thresholds(POINTS.balanced).to_json())["schema"] == CLASS_SCHEMA


@pytest.mark.parametrize(
    "changed",
    [
        {"sensitive": None},
        {"sensitive": {"abnormal": 0.2}},
        {"sensitive": {"abnormal": "0.2", "normal": 0.5}},
        {"sensitive": {"abnormal": -0.1, "normal": 0.5}},
        {"sensitive": 0.2},
        {"specific": {"abnormal": 0.6, "normal": 0.5}},  # below balanced
        {"specific": {"abnormal": 1.1, "normal": 0.5}},
    ],
)
def test_points_that_are_none_are_damage(changed: dict[str, object]) -> None:
    text = json.dumps({**json.loads(CARD.to_json()), **changed})
    with pytest.raises(ModelError, match=r"x\.onnx: its description is damaged"):
        read_model_card({METADATA_KEY: text}, "x.onnx")


@pytest.mark.parametrize("name", ["sensitive", "balanced", "specific"])
def test_a_detector_shows_boxes_at_a_point_and_its_json_says_so(path: Path, name: str) -> None:
    detector = Detector(path, operating_point=name)
    assert (detector.thresholds, detector.operating_point) == (POINTS.at(name), name)
    (reading,) = detector(grey_scan())
    assert describe(reading, detector)["model"]["operating_point"] == name
    assert (reading.confidences > POINTS.at(name).lowest).all()


def test_without_a_choice_a_detector_is_at_the_balanced_point(path: Path) -> None:
    assert Detector(path).operating_point == "balanced"
    assert Detector(path, confidence=0.3).operating_point is None
    assert Detector(path, confidence=POINTS.specific).operating_point == "specific"


def test_a_model_without_points_has_none_to_name(model_path: Path) -> None:
    assert Detector(model_path).operating_point is None
    (reading,) = Detector(model_path)(grey_scan())
    assert "operating_point" not in describe(reading, Detector(model_path))["model"]
    with pytest.raises(ModelError) as error:
        Detector(model_path, operating_point="sensitive")
    assert str(error.value) == f"{model_path}: has no operating points; give --conf"


def test_what_cannot_be_asked_for(path: Path) -> None:
    with pytest.raises(SettingsError, match="operating point sensitive: was given with a confidence; give one"):
        Detector(path, confidence=0.3, operating_point="sensitive")
    with pytest.raises(SettingsError, match="operating point best: is unknown; give sensitive, balanced or specific"):
        Detector(path, operating_point="best")
    with pytest.raises(SettingsError):
        thresholds_at(None, "best", "x.onnx")


def test_of_equal_points_the_balanced_one_is_named() -> None:
    same = OperatingPoints(POINTS.balanced, POINTS.balanced, POINTS.specific)
    assert same.name_of(POINTS.balanced) == "balanced"


def test_a_file_gives_back_what_was_written(tmp_path: Path) -> None:
    write_points(tmp_path / "points.json", POINTS)
    assert read_points(tmp_path / "points.json") == POINTS
    assert points_of(POINTS.as_record()) == POINTS


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read"),
        ("{", "holds no operating points"),
        ("[]", "holds no operating points"),
        ("{}", "holds no operating points"),
        (json.dumps({"schema_version": 2, **POINTS.as_record()}), "holds no operating points"),
        (json.dumps({"schema_version": 1, "sensitive": {"abnormal": 1, "normal": 1}}), "holds no operating points"),
        (
            json.dumps({"schema_version": 1, **POINTS.as_record(), "balanced": {"abnormal": 0.1, "normal": 0.5}}),
            "holds no operating points",
        ),
    ],
)
def test_a_file_that_holds_none(tmp_path: Path, text: str | None, message: str) -> None:
    path = tmp_path / "points.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(BonescanError) as error:
        read_points(path)
    assert str(error.value).startswith(f"{path}: {message}; give a file that")
