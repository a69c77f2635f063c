"""The description that travels in a model file."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.model.card import APP, CLASS_SCHEMA, METADATA_KEY, SCHEMA, SHARED_SCHEMA, ModelCard, read_model_card
from bonescan_yolo.model.rescoring import Rescoring
from bonescan_yolo.model.thresholds import Thresholds

CARD = ModelCard(trained_on="80 simulated scans", confidence=0.3, version="9.9.9")


def changed(**fields: object) -> dict[str, str]:
    return {METADATA_KEY: json.dumps({**json.loads(CARD.to_json()), **fields})}


def test_round_trip() -> None:
    assert read_model_card({METADATA_KEY: CARD.to_json(), "names": "others"}, "x.onnx") == CARD


def test_both_layouts_are_known() -> None:
    card = ModelCard(trained_on="80 simulated scans", layout=APP)
    assert json.loads(card.to_json())["scaling"] == "display grey level"
    assert read_model_card({METADATA_KEY: card.to_json()}, "x.onnx") == card


def test_a_description_from_before_layouts_is_of_a_stock_file() -> None:
    fields = {**json.loads(CARD.to_json()), "schema": 1}
    del fields["layout"]
    assert read_model_card({METADATA_KEY: json.dumps(fields)}, "x.onnx") == CARD


def test_boxes_of_a_file_from_before_rescoring_stay_as_they_are() -> None:
    together = replace(CARD, context_weight=0.5, context_lone=0.2)
    assert read_model_card({METADATA_KEY: together.to_json()}, "x.onnx").rescoring == Rescoring(0.5, 0.2)
    fields = {**json.loads(together.to_json()), "schema": 2}
    del fields["context_weight"], fields["context_lone"]
    assert read_model_card({METADATA_KEY: json.dumps(fields)}, "x.onnx").rescoring.is_off


def test_classes_may_have_a_threshold_each() -> None:
    two = Thresholds(abnormal=0.4, normal=0.25)
    card = CARD.with_thresholds(two)
    fields = json.loads(card.to_json())
    assert (fields["schema"], fields["confidence"], fields["normal_confidence"]) == (CLASS_SCHEMA, 0.4, 0.25)
    read = read_model_card({METADATA_KEY: card.to_json()}, "x.onnx")
    assert (read, read.thresholds) == (card, two)


def test_a_card_with_one_threshold_is_written_as_before_there_were_two() -> None:
    """So that older versions, which know schema 3 alone, read the file."""
    fields = json.loads(CARD.to_json())
    assert (fields["schema"], SHARED_SCHEMA, "normal_confidence" in fields) == (3, 3, False)
    assert CARD.thresholds == Thresholds.both(0.3)
    assert CARD.with_thresholds(Thresholds(abnormal=0.4, normal=0.2)).with_thresholds(Thresholds.both(0.3)) == CARD


def test_a_self_contained_file_of_an_earlier_version_is_refused() -> None:
    """Its thresholds were inputs, which this version does not feed."""
    for card in (replace(CARD, layout=APP), replace(CARD, layout=APP, normal_confidence=0.2)):
        fields = json.loads(card.to_json())
        assert fields["schema"] == SCHEMA == 5
        for schema in (SHARED_SCHEMA, CLASS_SCHEMA):
            with pytest.raises(BonescanError, match=r"x\.onnx: is a self-contained file of an earlier version; export"):
                read_model_card({METADATA_KEY: json.dumps({**fields, "schema": schema})}, "x.onnx")


def test_a_temperature_is_told_where_there_is_one() -> None:
    assert "temperature" not in json.loads(CARD.to_json())
    card = ModelCard(trained_on="80 simulated scans", temperature=1.5)
    assert read_model_card({METADATA_KEY: card.to_json()}, "x.onnx") == card


def test_the_text_says_what_another_reader_needs() -> None:
    fields = json.loads(CARD.to_json())
    assert fields["schema"] == SHARED_SCHEMA
    assert fields["class_names"] == ["abnormal", "normal"]
    assert (fields["input_height"], fields["input_width"]) == (1024, 256)
    assert fields["scaling"] == "display grey level / 255"
    assert fields["trained_on"] == "80 simulated scans"
    assert "not a medical device" in fields["notice"]
    assert fields["licence"] == "AGPL-3.0-or-later"


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({}, "is not a model of bonescan_yolo; export one with"),
        ({"names": "{0: 'cat'}"}, "is not a model of bonescan_yolo"),
        ({METADATA_KEY: "{"}, "its description is damaged"),
        ({METADATA_KEY: "[]"}, "its description is damaged"),
        ({METADATA_KEY: "{}"}, "its description is damaged"),
        ({METADATA_KEY: '{"schema": 1}'}, "its description is damaged"),
        (changed(surprise=1), "its description is damaged"),
        (changed(trained_on=None), "its description is damaged"),
        (changed(input_height="1024"), "its description is damaged"),
        (changed(input_width=0), "its description is damaged"),
        (changed(confidence="high"), "its description is damaged"),
        (changed(normal_confidence="high"), "its description is damaged"),
        (changed(normal_confidence=-0.1), "its description is damaged"),
        (changed(iou=1.5), "its description is damaged"),
        (changed(context_weight=-0.1), "its description is damaged"),
        (changed(context_lone=0), "its description is damaged"),
        (changed(schema=SCHEMA + 1, surprise=1), f"has description schema {SCHEMA + 1}, newer than {SCHEMA}"),
        (changed(class_names=["cat", "dog"]), "classes ['cat', 'dog']"),
        (changed(class_names=["normal", "abnormal"]), "classes ['normal', 'abnormal']"),
        (changed(temperature=0), "its description is damaged"),
        (changed(temperature="warm"), "its description is damaged"),
        (changed(scaling="raw"), "and scaling `raw`"),
        (changed(layout="app"), "expects layout `app`"),  # with the scaling of the other one
        (changed(layout="new"), "expects layout `new`"),
        (changed(layout=[]), "its description is damaged"),
    ],
)
def test_what_is_no_description_of_ours(metadata: dict[str, str], message: str) -> None:
    with pytest.raises(BonescanError) as error:
        read_model_card(metadata, "x.onnx")
    assert str(error.value).startswith("x.onnx: ")
    assert message in str(error.value)
