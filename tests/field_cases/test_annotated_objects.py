"""Annotated objects as people have them: encodings, corners, outlines and names of classes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.convert.builders import GOOD, Named, scan, voc
from tests.field_cases.annotated_sets import Content, coco, convert

BOX = [(0, 10, 20, 30, 60)]
IMAGE: dict[str, Content] = {"1.jpg": scan(1)}
ANNOTATION = {"image_id": 1, "category_id": 0, "bbox": [10, 20, 20, 40]}


@pytest.mark.parametrize(
    ("encoding", "declared", "text"),
    [
        ("gb2312", "GB2312", "全身骨显像"),
        ("gbk", "GBK", "镕"),
        ("gbk", "gb2312", "朱镕基"),
        ("gb18030", "GB18030", "㐀全身"),
        ("big5", "Big5", "全身骨骼掃描"),
        ("iso-8859-1", "ISO-8859-1", "Müller"),
        ("cp1252", "windows-1252", "Café Müller €"),
        ("utf-16", "UTF-16", "全身"),
        ("utf-16-le", "UTF-16", "全身"),
        ("utf-16-be", None, "全身"),
        ("utf-8-sig", "utf-8", "全身"),
        ("utf-8-sig", None, "全身"),
        ("gbk", None, "全身骨显像"),
        ("big5", None, "全身骨骼掃描"),
        ("iso-8859-1", None, "Müller"),
        ("utf-8", "GB2312", "全身"),
        ("gbk", "UTF-8", "全身骨显像"),
        ("utf-8", "utf-16", "plain"),
        ("shift_jis", "Shift_JIS", "骨シンチ"),
    ],
)
def test_files_in_any_encoding_are_read(encoding: str, declared: str | None, text: str, tmp_path: Path) -> None:
    """VOC in GB2312 or GBK (pelops #72) was malformed; the name is read right, so the image is found by it."""
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    content = f"{declaration}{voc([GOOD], f'{text}.jpg')}".encode(encoding)
    found = convert(tmp_path, "voc", {f"{text}.jpg": scan(1), "other.xml": content})
    assert list(found.boxes.values()) == [BOX]


@pytest.mark.parametrize(
    "text",
    [
        voc([GOOD]).replace("object>", "Object>").replace("name>", "Name>"),
        voc([GOOD]).replace("annotation>", "Annotation>").replace("bndbox", "BndBox"),
        voc([GOOD]).replace("<annotation>", '<annotation xmlns="urn:voc">'),
        voc([("Abnormal", (" 10.0 ", "20,0", "3e1", "\n60\n"))]),
        "\n  " + '<?xml version="1.0"?>' + voc([GOOD]),
        voc([GOOD], "A & B.jpg"),
    ],
    ids=["object", "annotation", "namespace", "numbers", "leading lines", "ampersand"],
)
def test_tags_and_numbers_in_other_forms_are_read(text: str, tmp_path: Path) -> None:
    """Tools write `<Object>`, numbers with spaces, decimal commas and a bare `&`."""
    assert convert(tmp_path, "voc", {**IMAGE, "1.xml": text}).boxes == {"1": BOX}


CORNERS: list[tuple[object, object, object, object]] = [
    (30, 20, 10, 60),
    (10, 60, 30, 20),
    (30, 60, 10, 20),
    (30.4, 20, 9.6, 60),
]


@pytest.mark.parametrize("corners", CORNERS)
@pytest.mark.parametrize("kind", ["voc", "coco"])
def test_boxes_drawn_in_any_direction_are_put_in_order(
    corners: tuple[Any, Any, Any, Any], kind: str, tmp_path: Path
) -> None:
    """Boxes drawn right to left (labelme #552) were left out; they are swapped and counted."""
    x1, y1, x2, y2 = corners
    box = [x1, y1, x2 - x1, y2 - y1]
    text = voc([("Abnormal", corners)])
    if kind == "coco":
        text = coco([{"id": 1, "file_name": "1.jpg"}], [{**ANNOTATION, "bbox": box}])
    found = convert(tmp_path, kind, {**IMAGE, f"1.{'xml' if kind == 'voc' else 'json'}": text})
    assert found.boxes == {"1": BOX}
    assert found.kinds == {"box_inverted": 1}


def test_one_based_corners_are_the_same_in_any_order(tmp_path: Path) -> None:
    """Pixels counted from 1: the smaller corner moves, whichever is written first."""
    for corners in ((11, 21, 30, 60), (30, 60, 11, 21)):
        text = voc([("Abnormal", corners)])
        found = convert(tmp_path / str(corners[0]), "voc", {**IMAGE, "1.xml": text}, "--one-based")
        assert found.boxes == {"1": BOX}


POLYGON = [[10, 20, 30, 20, 30, 60, 12, 58]]
OBJECTS: dict[str, tuple[dict[str, Any], dict[str, int]]] = {
    "category as text": ({"category_id": "0"}, {}),
    "category as float": ({"category_id": 0.0}, {}),
    "name of the category": ({"category_id": "Abnormal"}, {}),
    "name of the image": ({"image_id": "1.jpg"}, {}),
    "numbers as text": ({"bbox": ["10", "20.0", " 20 ", "40"]}, {}),
    "crowd": ({"iscrowd": 1}, {"box_crowd": 1}),
    "crowd as text": ({"iscrowd": "1"}, {"box_crowd": 1}),
    "crowd true": ({"iscrowd": True}, {"box_crowd": 1}),
    "polygon": ({"bbox": None, "segmentation": POLYGON}, {"box_from_outline": 1}),
    "empty box": ({"bbox": [], "segmentation": POLYGON}, {"box_from_outline": 1}),
    "two polygons": (
        {"bbox": [], "segmentation": [[10, 20, 30, 20, 30, 40], [12, 60, 30, 60, 12, 50]]},
        {"box_from_outline": 1},
    ),
    "runs": (
        {
            "bbox": [],
            "segmentation": {
                "size": [1024, 256],
                "counts": [10 * 1024 + 20, 40, *[984, 40] * 19, 226 * 1024 + 964],
            },
        },
        {"box_from_outline": 1},
    ),
    "rotated by a quarter": (
        {"bbox": [0, 30, 40, 20], "attributes": {"rotation": 90.0}},
        {"box_from_outline": 1},
    ),
}


@pytest.mark.parametrize("name", OBJECTS)
def test_coco_objects_in_other_forms_are_boxes(name: str, tmp_path: Path) -> None:
    """COCO `"category_id": "0"`, polygons only, `iscrowd: 1` on single objects: left out, the reason hidden."""
    changes, kinds = OBJECTS[name]
    text = coco([{"id": 1, "file_name": "1.jpg"}], [{**ANNOTATION, **changes}])
    found = convert(tmp_path, "coco", {**IMAGE, "a.json": text})
    assert found.boxes == {"1": BOX}
    assert found.kinds == kinds


def test_compressed_runs_are_boxes(tmp_path: Path) -> None:
    """Masks as pycocotools writes them; the text was made by its encoder from rows 20 to 59 of columns 10 to 29."""
    text = compress([10 * 1024 + 20, 40, *[984, 40] * 19, 226 * 1024 + 964])
    annotation = {**ANNOTATION, "bbox": [], "segmentation": {"size": [1024, 256], "counts": text}}
    found = convert(tmp_path, "coco", {**IMAGE, "a.json": coco([{"id": 1, "file_name": "1.jpg"}], [annotation])})
    assert found.boxes == {"1": BOX}


def compress(runs: list[int]) -> str:
    """Write runs as `rleToString` of COCO's maskApi.c does."""
    characters = []
    for index, run in enumerate(runs):
        value = run - (runs[index - 2] if index > 2 else 0)
        more = True
        while more:
            bits = value & 0x1F
            value >>= 5
            more = value != -1 if bits & 0x10 else value != 0
            characters.append(chr((bits | 0x20 if more else bits) + 48))
    return "".join(characters)


@pytest.mark.parametrize(
    "inside",
    [
        "<polygon><x1>10</x1><y1>20</y1><x2>30</x2><y2>20</y2><x3>20</x3><y3>60</y3></polygon>",
        "<polygon><pt><x>10</x><y>60</y></pt><pt><x>30</x><y>20</y></pt><pt><x>15</x><y>30</y></pt></polygon>",
        "<robndbox><cx>20</cx><cy>40</cy><w>40</w><h>20</h><angle>1.5707963</angle></robndbox>",
    ],
)
def test_voc_outlines_and_rotated_boxes_are_boxes(inside: str, tmp_path: Path) -> None:
    """Polygons of LabelMe's web tool and of Roboflow, boxes of roLabelImg."""
    text = f"<annotation><object><name>abnormal</name>{inside}</object></annotation>"
    found = convert(tmp_path, "voc", {**IMAGE, "1.xml": text})
    assert found.boxes == {"1": BOX}
    assert found.kinds == {"box_from_outline": 1}


OTHER_NAMES: list[Named] = [
    ("Malignant", (10, 20, 30, 60)),
    ("benign ", (100, 20, 130, 60)),
    ("0: Benign", (100, 120, 130, 160)),
    ("regress", (100, 220, 130, 260)),
]


def test_names_of_other_centres_are_mapped(tmp_path: Path) -> None:
    """Other centres' names: `Malignant`, `Benign`, `0: Benign`, `regress`."""
    files = {**IMAGE, "1.xml": voc(OTHER_NAMES)}
    found = convert(tmp_path, "voc", files, "--map", "Malignant=abnormal, Benign=normal,regress=")
    assert found.boxes == {"1": [*BOX, (1, 100, 20, 130, 60), (1, 100, 120, 130, 160)]}
    assert found.kinds == {"class_left_out": 1}
    assert found.report["class_names"]["0: Benign"] == {"objects": 1, "class": "normal"}
    assert found.report["class_names"]["regress"] == {"objects": 1, "class": ""}


@pytest.mark.parametrize(
    ("name", "mapping"),
    [
        ("ABNORMAL", ""),
        ("1: abnormal", ""),
        ("Metastasis, bone", '"Metastasis, bone=abnormal"'),
        ("bone  metastasis", "Bone Metastasis=ABNORMAL"),
        ("a=b", "a=b=abnormal"),
        ("异常", "异常=abnormal,正常=normal"),
        ("3", "3=abnormal"),
        ("2) hot spot", "hot spot=abnormal"),
    ],
)
def test_names_are_compared_without_case_spaces_and_numbers(name: str, mapping: str, tmp_path: Path) -> None:
    """Names are compared without case and outer spaces; `0: Benign` is `Benign`."""
    options = ["--map", mapping] if mapping else []
    assert convert(tmp_path, "voc", {**IMAGE, "1.xml": voc([(name, GOOD[1])])}, *options).boxes == {"1": BOX}


def test_names_that_mean_nothing_are_listed(tmp_path: Path) -> None:
    """A table of the names found, and in the error if nothing is usable."""
    files = {**IMAGE, "1.xml": voc([("Malignant", (10, 20, 30, 60))] * 2 + [("Benign", (1, 2, 30, 40))])}
    found = convert(tmp_path / "a", "voc", files)
    assert found.code == 2
    assert "class names found: Malignant (2), Benign (1); say what they mean, such as --map" in found.error
    found = convert(tmp_path / "b", "voc", files, "--map", "Malignant=abnormal")
    assert "1 objects are of an unknown class; class names found: Malignant (2), Benign (1)" in found.text
    assert "  Benign                         1  unknown, left out" in found.text


@pytest.mark.parametrize("mapping", ["Malignent=abnormal", "regress=", "abnormal=abnormal,cyst=normal"])
def test_a_name_that_occurs_nowhere_is_a_warning(mapping: str, tmp_path: Path) -> None:
    """A misspelled name in --map would leave objects out without a word."""
    found = convert(tmp_path, "voc", {**IMAGE, "1.xml": voc([GOOD])}, "--map", mapping)
    name = mapping.rpartition(",")[2].partition("=")[0]
    assert found.report["warnings"] == [
        f"--map names classes that no object has: {name}; class names found: Abnormal (1)"
    ]


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ("Malignant", "is not NAME=CLASS"),
        ("=abnormal", "is not NAME=CLASS"),
        ("a=cancer", "cancer is not a class"),
        ("a=normal,A=abnormal", "to two classes"),
    ],
)
def test_a_map_that_says_nothing_is_refused(mapping: str, words: str, tmp_path: Path) -> None:
    """A mistake in --map is one line."""
    found = convert(tmp_path, "voc", {**IMAGE, "1.xml": voc([GOOD])}, "--map", mapping)
    assert found.code == 2
    assert words in found.error


def test_a_scan_of_which_all_objects_are_left_out_by_the_user_is_background(tmp_path: Path) -> None:
    """Only what the user leaves out: nothing else was annotated there."""
    files: dict[str, Content] = {**IMAGE, "1.xml": voc([GOOD]), "2.jpg": scan(2), "2.xml": voc([("regress", GOOD[1])])}
    found = convert(tmp_path, "voc", files, "--map", "regress=")
    assert found.boxes == {"1": BOX, "2": []}


@pytest.mark.parametrize("kind", ["voc", "bs80k"])
def test_the_map_serves_every_format(kind: str, tmp_path: Path) -> None:
    """`--map` is an option of all formats."""
    folder = "wholeBodyANT/" if kind == "bs80k" else ""
    files: dict[str, Content] = {f"{folder}1.jpg": scan(1), f"{folder}1.xml": voc([("nidus", GOOD[1])])}
    assert list(convert(tmp_path, kind, files, "--map", "nidus=abnormal").boxes.values()) == [BOX]


def test_corners_read_as_sizes_are_doubted(tmp_path: Path) -> None:
    """COCO boxes written x1 y1 x2 y2 passed: a warning when most boxes leave the image or are huge."""
    corners = [(40, 300, 60, 330), (100, 500, 130, 540), (120, 700, 140, 760), (30, 900, 60, 930), (8, 9, 20, 30)]
    for name, written in {
        "wrong": corners,
        "also wrong": [(100, 400, 120, 430), (120, 700, 140, 720)],
        "right": [(x1, y1, x2 - x1, y2 - y1) for x1, y1, x2, y2 in corners],
    }.items():
        objects = [{**ANNOTATION, "bbox": list(box)} for box in written]
        text = coco([{"id": 1, "file_name": "1.jpg"}], objects)
        warnings = convert(tmp_path / name, "coco", {**IMAGE, "a.json": text}).report.get("warnings", [])
        assert len(warnings) == (name != "right")
        assert all("x1 y1 x2 y2 instead of x y width height" in warning for warning in warnings)


def test_sizes_read_as_corners_are_doubted(tmp_path: Path) -> None:
    """The other way round: boxes x y width height in VOC's corners are swapped, and that is said."""
    sizes: list[Named] = [("Normal", (100 + i, 400 + 20 * i, 20, 30)) for i in range(5)]
    (warning,) = convert(tmp_path, "voc", {**IMAGE, "1.xml": voc(sizes)}).report["warnings"]
    assert "x y width height instead of x1 y1 x2 y2" in warning


def test_the_first_reason_is_in_the_error(tmp_path: Path) -> None:
    """COCO objects of which none can be used: the reason was hidden."""
    text = coco([{"id": 1, "file_name": "1.jpg"}], [{**ANNOTATION, "bbox": [1, 2]}])
    found = convert(tmp_path, "coco", {**IMAGE, "a.json": text})
    assert "the first problem: a.json: annotation 0 has no bbox of four numbers" in found.error


def test_an_id_of_two_images_belongs_to_none(tmp_path: Path) -> None:
    """Two COCO files put together: id 1 is that of two images, so its objects could be of either."""
    images = [{"id": 1, "file_name": "1.jpg"}, {"id": 1, "file_name": "2.jpg"}, {"id": 2, "file_name": "3.jpg"}]
    files: dict[str, Content] = {f"{i}.jpg": scan(i) for i in (1, 2, 3)}
    text = coco(images, [ANNOTATION, {**ANNOTATION, "image_id": 2}])
    found = convert(tmp_path, "coco", {**files, "a.json": text})
    assert found.boxes == {"3": BOX}
    assert json.loads((tmp_path / "out" / "convert_report.json").read_text())["counts"]["objects_reported"] == 1
