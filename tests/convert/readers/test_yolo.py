"""YOLO label files in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bonescan_yolo.convert.matching.annotated_image import AnnotatedImage
from bonescan_yolo.convert.readers.yolo import parse_yolo, read_yolo
from bonescan_yolo.errors import DatasetError
from tests.convert.readers.sources import OPTIONS, MemorySource, boxes_of, reasons, written_by

NAMES = ["abnormal", "normal"]
LINE = "1 0.5 0.25 0.125 0.0625\n"


def parsed(text: str | bytes, names: list[str] | None = NAMES) -> AnnotatedImage:
    image = parse_yolo(text.encode() if isinstance(text, str) else text, "7.txt", names, "7.png")
    assert image is not None
    return image


def read(content: dict[str, Any]) -> dict[str, AnnotatedImage]:
    return {image.annotation: image for image in read_yolo(MemorySource(content), OPTIONS)}


@pytest.mark.parametrize(
    ("tool", "train", "val", "pictures"),
    [
        ("darknet", "obj_train_data", "obj_valid_data", ("obj_train_data", "obj_valid_data")),
        ("ultralytics", "labels/train", "labels/val", ("images/train", "images/val")),
    ],
)
def test_what_datumaro_wrote(tool: str, train: str, val: str, pictures: tuple[str, str]) -> None:
    in_train, in_val = pictures
    images = (f"{in_train}/7_anterior.jpg", f"{in_train}/9_anterior.jpg", f"{in_val}/8_posterior.jpg")
    found = {image.annotation: image for image in read_yolo(written_by(tool, *images), OPTIONS)}
    assert sorted(found) == [f"{train}/7_anterior.txt", f"{train}/9_anterior.txt", f"{val}/8_posterior.txt"]
    seven = found[f"{train}/7_anterior.txt"]
    assert (seven.image, seven.normalised, seven.problems) == (images[0], True, ())
    first, second = (np.array(item.xyxy) * (64, 256, 64, 256) for item in seven.objects)
    np.testing.assert_allclose(first, (30, 60, 36.25, 70.5), atol=0.01)
    np.testing.assert_allclose(second, (10, 20.25, 22.5, 40), atol=0.01)
    assert [item.name for item in seven.objects] == NAMES
    assert found[f"{train}/9_anterior.txt"].objects_read == 0


@pytest.mark.parametrize(
    ("line", "box"),
    [
        ("1 0.5 0.25 0.125 0.0625", (0.4375, 0.2188, 0.5625, 0.2812)),
        ("1 0.5 0.25 0.125 0.0625 0.987", (0.4375, 0.2188, 0.5625, 0.2812)),
        ("1.0\t0.5  0.25 1.25e-1 .0625\r", (0.4375, 0.2188, 0.5625, 0.2812)),
        ("1 0.1 0.2 0.5 0.2 0.3 0.6", (0.1, 0.2, 0.5, 0.6)),
        ("1 0.1 0.2 0.5 0.2 0.5 0.6 0.1 0.6", (0.1, 0.2, 0.5, 0.6)),
        ("1 0.1 -0.01 0.5 0.2 0.3 1.01", (0.1, -0.01, 0.5, 1.01)),
    ],
)
def test_lines(line: str, box: tuple[float, ...]) -> None:
    image = parsed(f"\n{line}\n\n")
    assert boxes_of(image) == [("normal", *box)]
    assert [reason for reason in reasons(image) if "polygon" not in reason] == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1 0.5 0.25 0.125", "has 4 columns"),
        ("1 0.5 0.25 0.1 0.1 0.1 0.1 0.1", "has 8 columns"),
        ("1 0.5 0.25 0.125 wide", "has 'wide', which is not a number"),
        ("normal 0.5 0.25 0.125 0.0625", "has 'normal', which is not a number"),
        ("1,0.5,0.25,0.125,0.0625", "which is not a number"),
        ("1.5 0.5 0.25 0.125 0.0625", "has the class '1.5'"),
        ("-1 0.5 0.25 0.125 0.0625", "has the class '-1'"),
        ("nan 0.5 0.25 0.125 0.0625", "has the class 'nan'"),
        ("1 128 256 32 64", "has 256, which is not a fraction of the image's size (pixels by mistake?)"),
        ("1 0.5 inf 0.1 0.1", "has inf, which is not a fraction"),
    ],
)
def test_an_object_that_cannot_be_used_is_counted(line: str, reason: str) -> None:
    image = parsed(f"{line}\n{LINE}")
    assert (len(image.objects), image.objects_lost) == (1, 1)
    assert reason in reasons(image)[0]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("data.yaml", "names: [abnormal, normal]"),
        ("dataset.yaml", "path: x\nnames:\n  0: abnormal\n  1: normal\n"),
        ("set/data.yml", 'nc: 2\nnames: {"1": normal, "0": abnormal}'),
        ("set/labels/classes.txt", "abnormal\r\nnormal\r\n\r\n"),
        ("obj.names", "\ufeffabnormal\nnormal"),
        ("elsewhere/classes.txt", "abnormal\nnormal\n"),
    ],
)
def test_class_names_are_where_tools_put_them(file: str, text: str) -> None:
    found = read({"set/images/7.png": "", "set/labels/7.txt": LINE, file: text})
    assert [image.objects[0].name for image in found.values()] == ["normal"]


@pytest.mark.parametrize(
    "text", ["names: 7", "names: [", "- a", "names: {0: a, x: b}\nd: 2021-99-99", "a: &a [*a]", "names: {1e9: a}"]
)
def test_without_a_list_of_names_the_numbers_are_the_names(text: str) -> None:
    found = read({"7.png": "", "7.txt": LINE, "data.yaml": text})
    assert found["7.txt"].objects[0].name == "1"


def test_the_nearest_list_of_names_holds() -> None:
    content = {"a/7.png": "", "a/7.txt": LINE, "b/8.png": "", "b/8.txt": LINE}
    found = read({**content, "classes.txt": "x\nabnormal", "b/classes.txt": "x\nnormal"})
    assert [image.objects[0].name for image in found.values()] == ["abnormal", "normal"]


def test_other_text_files_are_passed_over() -> None:
    content = {
        "7.png": "",
        "7.txt": LINE,
        "train.txt": "7.png\n",
        "README.txt": "1 0.5 0.5 0.1 0.1",
        "notes.txt": "two spots",
        "labels/8.txt": "",
        "9.txt": LINE,
    }
    assert sorted(read(content)) == ["7.txt", "9.txt", "labels/8.txt"]
    with pytest.raises(DatasetError, match="holds no YOLO label files"):
        read({"7.png": "", "notes.txt": "two spots"})


def test_images_are_beside_or_in_the_folder_images() -> None:
    found = read({"s/images/train/7.TIF": "", "s/labels/train/7.txt": LINE, "labels/x/labels/8.txt": "",
                  "labels/x/images/8.png": ""})  # fmt: skip
    assert [image.image for image in found.values()] == ["labels/x/images/8.png", "s/images/train/7.TIF"]


def test_a_file_that_cannot_be_read_is_a_fault() -> None:
    (image,) = read({"7.png": "", "7.txt": None}).values()
    assert image.fault == "cannot be read (permission denied)"
