"""Label Studio's exports in."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from bonescan_yolo.convert.matching.annotated_image import AnnotatedImage
from bonescan_yolo.convert.readers.annotation_text import UnparsableError
from bonescan_yolo.convert.readers.label_studio import parse_label_studio, read_label_studio
from bonescan_yolo.errors import DatasetError
from tests.convert.readers.sources import OPTIONS, MemorySource, boxes_of, reasons, written_by

PLACE = {"x": 10, "y": 20, "width": 30, "height": 40}
"""On 64 x 256 pixels: 6.4, 51.2, 25.6, 153.6."""


ADDRESS = "/data/upload/1/0123abcd-7.png"


def region(value: dict[str, Any], label: Any = "abnormal", **more: Any) -> dict[str, Any]:
    named = value if label is None else {**value, "rectanglelabels": [label]}
    size = {"original_width": 64, "original_height": 256}
    return {"type": "rectanglelabels", "from_name": "l", "to_name": "i", "value": named, **size, **more}


def task(*results: Any, **more: Any) -> dict[str, Any]:
    return {"id": 1, "data": {"image": ADDRESS}, "annotations": [{"id": 1, "result": list(results)}], **more}


def parsed(*tasks: Any) -> list[AnnotatedImage]:
    images = parse_label_studio(json.dumps(tasks).encode(), "project.json")
    assert images is not None
    return images


SEVEN = [
    ("abnormal", 30, 60, 36.25, 70.5),
    ("normal", 10, 100, 20, 120),  # turned by 90 degrees about its upper left corner
    ("abnormal", 25.6, 115.2, 38.4, 140.8),
    ("normal", 6.4, 25.6, 12.8, 51.2),
    ("normal", 40, 60, 45, 66),
]


def test_what_label_studio_wrote_as_json() -> None:
    source = MemorySource({"project.json": written_by("label_studio").read("project.json")})
    images = {re.split(r"[-/]", image.image or "")[-1]: image for image in read_label_studio(source, OPTIONS)}
    assert len(images) == 4
    seven, nine = images["7_anterior.png"], images["9_anterior.png"]
    eight, ten = images["8%20posterior.png"], images["10_anterior.png?sig=a%2Fb.png"]
    assert boxes_of(seven) == SEVEN
    assert (seven.size, seven.objects_read) == ((64, 256), 8)
    assert any("point or of a type that has no box" in reason for reason in reasons(seven))
    assert any("has 1 further or cancelled annotations; their 2 regions" in reason for reason in reasons(seven))
    assert (boxes_of(eight), eight.objects_read) == ([("normal", 10, 20, 20, 40)], 1)
    assert (nine.objects, nine.fault) == ((), None)
    assert ten.fault == "has only skipped annotations of https://example.org/bucket/10_anterior.png?sig=a%2Fb.png"


@pytest.mark.parametrize("export", ["project-min.json", "project.csv"])
def test_what_label_studio_wrote_as_json_min_and_csv(export: str) -> None:
    source = MemorySource({export: written_by("label_studio").read(export)})
    images = {re.split(r"[-/]", image.image or "")[-1]: image for image in read_label_studio(source, OPTIONS)}
    assert len(images) == 3  # a skipped task is not in these exports
    seven = images["7_anterior.png"]
    assert sorted(boxes_of(seven)) == sorted(SEVEN)
    assert seven.objects_read == 8
    assert boxes_of(images["8%20posterior.png"]) == [("normal", 10, 20, 20, 40)]
    assert images["9_anterior.png"].objects_read == 0


@pytest.mark.parametrize(
    "data",
    [
        {"image": ADDRESS},
        {"patient": "7", "comment": "see a/b", "picture": ADDRESS},
        {"image": "/data/local-files/?d=scans/7_anterior", "url": "http://[bad/7"},
        {"image": 7, "scan": "7_anterior.dcm"},
        {"image": "7"},
    ],
)
def test_the_image_may_have_any_key(data: dict[str, Any]) -> None:
    (found,) = parsed(task(region(PLACE), data=data))
    assert found.image is not None
    assert found.image in data.values()
    assert "7" in found.image


def test_shape_label_and_choice_of_one_region_are_one_object() -> None:
    results = [
        {"id": "r", "type": "rectangle", "value": PLACE, "original_width": 64, "original_height": 256},
        {"id": "r", "type": "labels", "value": {**PLACE, "labels": ["abnormal"]}},
        {"id": "r", "type": "choices", "value": {**PLACE, "choices": ["sure"]}},
        {"type": "relation", "from_id": "r", "to_id": "s", "direction": "right"},
    ]
    (found,) = parsed(task(*results))
    assert (boxes_of(found), found.problems) == ([("abnormal", 6.4, 51.2, 25.6, 153.6)], ())


def test_a_class_that_was_chosen_for_a_region() -> None:
    results = [
        {"id": "r", "type": "choices", "value": {**PLACE, "choices": ["normal"]}},
        {"id": "r", "type": "rectangle", "value": PLACE, "original_width": 64, "original_height": 256},
    ]
    (found,) = parsed(task(*results))
    assert boxes_of(found) == [("normal", 6.4, 51.2, 25.6, 153.6)]


def test_two_labels_are_reported() -> None:
    (found,) = parsed(task(region({**PLACE, "rectanglelabels": ["normal", "abnormal"]}, label=None)))
    assert (found.objects[0].name, found.objects_read) == ("normal", 1)
    assert "has 2 labels; the first, 'normal', is taken" in reasons(found)[0]


def test_without_the_size_boxes_are_fractions() -> None:
    (found,) = parsed(task(region(PLACE, original_width=None), region({**PLACE, "rotation": 45}, original_width=None)))
    assert (found.normalised, boxes_of(found)) == (True, [("abnormal", 0.1, 0.2, 0.4, 0.6)])
    assert "is turned, and the size of its image" in reasons(found)[0]


def test_old_completions_are_annotations() -> None:
    old = task(region(PLACE))
    old["completions"] = [{"result": [], "skipped": True}, *old.pop("annotations")]
    (found,) = parsed(old)
    assert len(found.objects) == 1


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (7, "has no label"),
        ({"type": "rectanglelabels"}, "has no label"),
        (region(PLACE, label=None), "has no label"),
        (region({"x": 1, "y": 2, "width": 3}), "has no box"),
        (region({**PLACE, "x": "left"}), "has no number as x"),
        (region({**PLACE, "rotation": []}), "has no number as x"),
        (region({**PLACE, "rotation": "left"}), "rotation that is not a number"),
        (region(PLACE, image_rotation=90), "after turning it"),
        (region({"points": [[1]]}), "has a point that is not two numbers"),
        (region({"points": []}), "has no points"),
        (region({"rle": [1, 2, 3]}), "has a mask that is cut off"),
        (region({"rle": [1, "2"]}), "has a mask that is not a list of bytes"),
        (region({"rle": [0] * 8}), "has a mask of another size than its image"),
        (region({"rle": "abc"}), "is a mask without run lengths"),
        (region({"vertices": []}), "has no box"),
    ],
)
def test_an_object_that_cannot_be_used_is_counted(result: Any, reason: str) -> None:
    if reason == "has no number as x":
        result["value"]["x"] = None
    (found,) = parsed(task(result, region(PLACE)))
    assert (len(found.objects), found.objects_lost) == (1, 1)
    assert reason in reasons(found)[0]


def test_predictions_count_only_where_nobody_annotated_anything() -> None:
    predicted = {"id": 2, "data": {"image": "8.png"}, "predictions": [{"result": [region(PLACE)]}]}
    (alone,) = parsed(predicted)
    assert len(alone.objects) == 1
    first, second = parsed(task(region(PLACE)), predicted)
    assert first.fault is None
    assert (second.objects, second.fault) == ((), "has no annotation of 8.png yet")


def test_other_files_are_passed_over_and_damaged_ones_are_faults() -> None:
    export = json.dumps(task(region(PLACE)))
    content = {"a.json": export, "b.json": "{", "c.json": '{"images": []}', "d.csv": "a,b\n1,2\n"}
    first, second = read_label_studio(MemorySource(content), OPTIONS)
    assert (first.fault, len(first.objects)) == (None, 1)
    assert "is not valid JSON" in (second.fault or "")
    with pytest.raises(DatasetError, match="holds no export of Label Studio"):
        list(read_label_studio(MemorySource({"c.json": "[]"}), OPTIONS))


def test_entries_that_are_no_tasks_are_a_fault() -> None:
    with pytest.raises(UnparsableError, match="has 1 entries that are not tasks"):
        parsed(task(), 7)


def test_an_annotation_without_a_list_of_results_is_no_background() -> None:
    (found,) = parsed({**task(), "annotations": [{"result": None}]})
    assert "without a list `result`" in (found.fault or "")
