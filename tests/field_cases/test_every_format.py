"""What holds for one format of annotations holds for all: cases from public bug reports, in each format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.convert.builders import encode, pixels, voc
from tests.field_cases.annotated_sets import Content, coco, convert

WIDTH, HEIGHT = 256, 1024
BOX = [(0, 10, 20, 30, 60)]
"""Class and corners of the object that every file here has."""

GOOD = [("abnormal", (10, 20, 30, 60))]
IMAGES: dict[str, Content] = {f"{number}.png": encode(pixels(number), "PNG") for number in (1, 2)}


def labelme(image: str, x1: float, y1: float, x2: float, y2: float) -> dict[str, Content]:
    shape = {"label": "abnormal", "points": [[x1, y1], [x2, y2]], "shape_type": "rectangle"}
    content = {"version": "5.5.0", "shapes": [shape], "imagePath": image, "imageData": None}
    return {f"{Path(image).stem}.json": json.dumps(content)}


def cvat(image: str, x1: float, y1: float, x2: float, y2: float) -> dict[str, Content]:
    box = f'<box label="abnormal" xtl="{x1}" ytl="{y1}" xbr="{x2}" ybr="{y2}"/>'
    image_tag = f'<image id="0" name="{image}" width="{WIDTH}" height="{HEIGHT}">{box}</image>'
    return {"a.xml": f"<annotations><version>1.1</version>{image_tag}</annotations>"}


def label_studio(image: str, x1: float, y1: float, x2: float, y2: float) -> dict[str, Content]:
    place = {"x": 100 * x1 / WIDTH, "y": 100 * y1 / HEIGHT, "width": 100 * (x2 - x1) / WIDTH, "rotation": 0}
    place["height"] = 100 * (y2 - y1) / HEIGHT
    region = {"type": "rectanglelabels", "original_width": WIDTH, "original_height": HEIGHT}
    region["value"] = {**place, "rectanglelabels": ["abnormal"]}
    task = {"id": 1, "data": {"image": image}, "annotations": [{"id": 1, "result": [region]}]}
    return {"p.json": json.dumps([task])}


def csv_table(image: str, x1: float, y1: float, x2: float, y2: float) -> dict[str, Content]:
    return {"b.csv": f"path,class,x1,y1,x2,y2\n{image},abnormal,{x1},{y1},{x2},{y2}\n"}


def yolo(image: str, x1: float, y1: float, x2: float, y2: float) -> dict[str, Content]:
    numbers = (x1 + x2) / 2 / WIDTH, (y1 + y2) / 2 / HEIGHT, (x2 - x1) / WIDTH, (y2 - y1) / HEIGHT
    line = " ".join(f"{number:.7f}" for number in numbers)
    return {f"{Path(image).stem}.txt": f"0 {line}\n", "classes.txt": "abnormal\nnormal\n"}


FORMATS = {"labelme": labelme, "cvat": cvat, "label-studio": label_studio, "csv": csv_table, "yolo": yolo}


@pytest.mark.parametrize("kind", FORMATS)
def test_orphans_alone_are_an_error(kind: str, tmp_path: Path) -> None:
    """Annotations none of which finds its image: every scan became background. Right: exit 2, the first is named."""
    found = convert(tmp_path, kind, {**IMAGES, **FORMATS[kind]("gone.png", 10, 20, 30, 60)})
    assert found.code == 2
    assert "0 of 1 annotation" in found.error
    assert "gone." in found.error


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("image", ["1.PNG", "1.jpg", "1"])
def test_the_name_of_the_image_in_another_form(kind: str, image: str, tmp_path: Path) -> None:
    """Other case, another suffix, none: the image is found."""
    found = convert(tmp_path, kind, {**IMAGES, **FORMATS[kind](image, 10, 20, 30, 60)})
    assert found.boxes["1"] == BOX


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("corners", [(30, 20, 10, 60), (10, 60, 30, 20), (30, 60, 10, 20)])
def test_boxes_drawn_to_the_left_or_upwards(kind: str, corners: tuple[float, ...], tmp_path: Path) -> None:
    """Boxes drawn right to left (labelme #552) were left out."""
    x1, y1, x2, y2 = corners
    found = convert(tmp_path, kind, {**IMAGES, **FORMATS[kind]("1.png", x1, y1, x2, y2)})
    assert found.boxes["1"] == BOX


@pytest.mark.parametrize("levels", [2, 3, 5, 8])
def test_a_mask_of_a_few_levels_is_neither_scan_nor_background(levels: int, tmp_path: Path) -> None:
    """Masks and overlays beside the scans: pictures of few levels are not scans, whatever their names."""
    mask = np.repeat(np.arange(levels, dtype=np.uint8), HEIGHT // levels + 1)[:HEIGHT, None] * np.uint8(30)
    files: dict[str, Content] = {**IMAGES, "1.xml": voc(GOOD), "7.png": encode(mask.repeat(WIDTH, axis=1), "PNG")}
    found = convert(tmp_path, "voc", files)
    assert found.boxes == {"1": BOX, "2": []}
    assert found.kinds == {"not_a_scan": 1}


@pytest.mark.parametrize(
    "boxes",
    [
        [(100, 400, 130, 440)],
        [(200, 900, 240, 960), (210, 800, 250, 830), (190, 700, 220, 760)],
        [(150, 300, 160, 320), (120, 800, 150, 830)],
    ],
)
def test_corners_in_place_of_sizes_are_doubted(boxes: list[tuple[int, ...]], tmp_path: Path) -> None:
    """COCO boxes written x1 y1 x2 y2 passed. Right: a warning when most boxes leave the image or are huge."""
    objects = [{"image_id": 1, "category_id": 0, "bbox": list(box)} for box in boxes]
    files = {**IMAGES, "a.json": coco([{"id": 1, "file_name": "1.png"}], objects)}
    (warning,) = convert(tmp_path, "coco", files).report["warnings"]
    assert "x1 y1 x2 y2 instead of x y width height" in warning


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, "annotation 0 has no bbox of four numbers"),
        ({"bbox": [1, 2, "x", 4]}, "annotation 0 has no bbox of four numbers"),
        ({"bbox": [1, 2, 0, 0]}, "is empty"),
        ({"bbox": [2000, 2, 3, 4]}, "is outside the 256 x 1024 image"),
        ({"bbox": [1, 2, 3, 4], "category_id": 9}, "class 'category 9' is not abnormal or normal"),
    ],
)
def test_the_first_reason_is_named(change: dict[str, Any], reason: str, tmp_path: Path) -> None:
    """COCO objects of which none can be used: left out, the reason hidden."""
    text = coco([{"id": 1, "file_name": "1.png"}], [{"image_id": 1, "category_id": 0, **change}])
    found = convert(tmp_path, "coco", {**IMAGES, "a.json": text})
    assert "the first problem: a.json: " in found.error
    assert reason in found.error


@pytest.mark.parametrize("orphans", [1, 2, 5])
def test_several_orphans_are_counted_on_top(orphans: int, tmp_path: Path) -> None:
    """A line on top when more than a few per cent of the annotations are orphans."""
    files = {**IMAGES, "1.xml": voc(GOOD), **{f"lost{number}.xml": voc(GOOD) for number in range(orphans)}}
    (warning,) = convert(tmp_path, "voc", files).report["warnings"]
    assert warning.startswith(
        f"{orphans} of {orphans + 1} annotations fit no image, or several (lost0.xml is the first)"
    )
