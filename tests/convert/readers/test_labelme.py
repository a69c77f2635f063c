"""LabelMe in."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bonescan_yolo.commands.convert import main
from bonescan_yolo.convert.matching.annotated_image import AnnotatedImage
from bonescan_yolo.convert.readers.labelme import parse_labelme, read_labelme
from bonescan_yolo.convert.readers.labelme_pictures import WithEmbeddedPictures
from bonescan_yolo.errors import DatasetError
from tests.convert.builders import pixels
from tests.convert.readers.sources import OPTIONS, MemorySource, boxes_of, reasons, written_by


def shape(points: Any, kind: str | None = "rectangle", label: Any = "abnormal") -> dict[str, Any]:
    return {"label": label, "points": points, "shape_type": kind}


def file(*shapes: Any, **keys: Any) -> bytes:
    content = {"version": "5.0.1", "shapes": list(shapes), "imagePath": "7.png", "imageData": None, **keys}
    return json.dumps(content).encode()


def parsed(data: bytes) -> AnnotatedImage:
    image = parse_labelme(data, "7.json")
    assert image is not None
    return image


def test_what_labelme_wrote() -> None:
    seven, eight, nine = read_labelme(written_by("labelme"), OPTIONS)
    assert boxes_of(seven) == [
        ("abnormal", 30, 60, 36.25, 70.5),
        ("normal", 10, 20.25, 22.5, 40),
        ("normal", 20, 100, 40, 120.5),
        ("abnormal", 27, 145, 37, 155),
        ("normal", 10, 200, 20, 210),
        ("normal", 40, 60, 45, 66),
        ("abnormal", 27.5, 220, 40, 230),
    ]
    assert (seven.image, seven.size, seven.objects_read) == ("7_anterior.png", (64, 256), 8)
    assert "shape 6 ('abnormal') is a point, which has no box; left out" in reasons(seven)
    assert "shape 4 is a circle; its bounds are taken as box" in reasons(seven)
    assert (eight.image, boxes_of(eight)) == ("..\\scans\\8_posterior.png", [("abnormal", 30, 60, 36.25, 70.5)])
    assert (nine.objects, nine.problems, nine.fault) == ((), (), None)


@pytest.mark.parametrize(
    ("files", "pictures"),
    [
        (["x.png"], ["sub/8_posterior.png"]),
        (["8_posterior.PNG"], []),
        (["other/8_posterior.tif"], []),
    ],
)
def test_a_picture_inside_the_file_is_used_if_it_is_nowhere_else(files: list[str], pictures: list[str]) -> None:
    data = written_by("labelme").read("8_posterior.json")
    bare = MemorySource({"sub/8_posterior.json": data, **dict.fromkeys(files, b"")})
    source = WithEmbeddedPictures(bare)
    assert list(source.files) == [*bare.files, *pictures]
    assert source.read("sub/8_posterior.json") == data
    for picture in pictures:
        assert Image.open(io.BytesIO(source.read(picture))).size == (64, 256)
        assert source.path(picture) is None


@pytest.mark.parametrize("image_data", ["iVBORw0KGgo", "?", "骨", "AAAA" * 10])
def test_a_damaged_picture_inside_the_file_is_reported_when_it_is_read(image_data: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "7.json").write_bytes(file(shape([[1, 2], [3, 4]]), imageData=image_data))
    with pytest.raises(DatasetError, match="no usable scan is left"):
        main(["labelme", str(tmp_path / "in"), "--out", str(tmp_path / "out")])


def test_json_files_alone_are_enough(tmp_path: Path) -> None:
    picture = io.BytesIO()
    Image.fromarray(pixels(3)).save(picture, "PNG")
    inside = base64.b64encode(picture.getvalue()).decode()
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "7_anterior.json").write_bytes(
        file(shape([[100, 200], [120, 230]]), imageData=inside, imagePath="..\\7.png")
    )
    assert main(["labelme", str(tmp_path / "in"), "--out", str(tmp_path / "out")]) == 0
    (written,) = (tmp_path / "out" / "images").rglob("*.png")
    assert (written.name, written.read_bytes()) == ("7_anterior.png", picture.getvalue())
    (label,) = (tmp_path / "out" / "labels").rglob("*.txt")
    assert len(label.read_text(encoding="ascii").splitlines()) == 1


def test_other_json_is_passed_over() -> None:
    source = MemorySource({"1.json": file(), "coco.json": '{"images": []}', "list.json": "[1]", "1.png": b""})
    assert [image.annotation for image in read_labelme(source, OPTIONS)] == ["1.json"]


def test_no_labelme_file_at_all() -> None:
    with pytest.raises(DatasetError, match="holds no LabelMe file"):
        list(read_labelme(MemorySource({"coco.json": '{"images": []}'}), OPTIONS))


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (None, "cannot be read (permission denied)"),
        (b"{", "is not valid JSON"),
        (b'{"shapes": ' + b"[" * 100_000, "nested too deeply"),
        (b"\xff\xfe{", "is not"),
        (b'{"imagePath": "7.png"}', "has no list `shapes`"),
        (b'{"imagePath": "7.png", "shapes": {}}', "has no list `shapes`"),
    ],
)
def test_a_damaged_file_is_a_fault_and_not_background(data: bytes | None, fault: str) -> None:
    (image,) = read_labelme(MemorySource({"7.json": data}), OPTIONS)
    assert fault in (image.fault or "")
    assert fault in reasons(image)[-1]
    assert image.stem_names_image


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (7, "is 7, not a group of keys"),
        (shape([[1, 2], [3, 4]], label=None), "has no label"),
        (shape([[1, 2], [3, 4]], label=" "), "has no label"),
        (shape(None), "has no points of two numbers"),
        (shape([]), "has no points of two numbers"),
        (shape([[1, 2], [3]]), "has no points of two numbers"),
        (shape([[1, 2], [3, None]]), "has no points of two numbers"),
        (shape([[1, True], [3, 4]]), "has no points of two numbers"),
        (shape([[1, 2]]), "is a point, which has no box"),
        (shape([[1, 2], [3, 4]], "points"), "is a points of 2 points, which has no box"),
        (shape([[1, 2], [3, 4]], "cuboid"), "is a cuboid of 2 points, which has no box"),
    ],
)
def test_an_object_that_cannot_be_used_is_counted(bad: Any, reason: str) -> None:
    image = parsed(file(bad, shape([[1, 2], [3, 4]])))
    assert (len(image.objects), image.objects_lost, image.objects_read) == (1, 1, 2)
    assert reason in reasons(image)[0]


@pytest.mark.parametrize("corners", [((1, 2), (3, 4)), ((3, 4), (1, 2)), ((1, 4), (3, 2)), ((3, 2), (1, 4))])
def test_corners_come_in_any_order(corners: Any) -> None:
    image = parsed(file(shape(corners)))
    assert (boxes_of(image), image.problems) == ([("abnormal", 1, 2, 3, 4)], ())


def test_version_3_has_polygons_without_a_type_and_null_sizes() -> None:
    old = {"label": "Normal", "points": [[1, 2], [9, 2], [5, 8]], "line_color": None, "fill_color": None}
    image = parsed(file(old, lineColor=[0, 255, 0, 128], imageWidth=None, imageHeight=None, version="3.4.1"))
    assert (boxes_of(image), image.size) == ([("Normal", 1, 2, 9, 8)], None)


def test_four_corners_of_a_rectangle_and_numbers_as_text() -> None:
    image = parsed(file(shape([["1", "2"], [3, 2], [3, 4], [1, 4]]), imageWidth="64", imageHeight=256.0))
    assert (boxes_of(image), image.problems, image.size) == ([("abnormal", 1, 2, 3, 4)], (), (64, 256))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "gbk"])
def test_a_file_of_any_encoding(encoding: str) -> None:
    text = '{"shapes": [], "imagePath": "骨扫描/七.png"}'
    assert parsed(text.encode(encoding)).image == "骨扫描/七.png"


def test_a_file_in_latin_1() -> None:
    assert parsed('{"shapes": [], "imagePath": "Müller.png"}'.encode("latin-1")).image == "Müller.png"


def test_huge_and_infinite_numbers_are_left_to_the_check_of_boxes() -> None:
    corners = b"[[%s, NaN], [1e999, 4]]" % (b"9" * 400)
    image = parsed(file(shape("HERE")).replace(b'"HERE"', corners))
    assert len(image.objects) == 1
