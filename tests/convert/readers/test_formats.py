"""Pascal VOC and COCO in."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bonescan_yolo.commands.convert import main
from bonescan_yolo.convert.naming import file_id, is_copy_name, output_names
from bonescan_yolo.convert.readers.voc_xml import from_one_based, parse_voc
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.scan import decode_scans
from tests.convert.builders import GOOD, Named, encode, pixels, scan, voc


def convert(out: Path, *arguments: str) -> dict[str, Any]:
    assert main([*arguments, "--out", str(out)]) == 0
    report: dict[str, Any] = json.loads((out / "convert_report.json").read_text(encoding="utf-8"))
    return report


def label(out: Path, name: str) -> list[str]:
    (path,) = (out / "labels").rglob(f"{name}.txt")
    return path.read_text(encoding="ascii").splitlines()


def put(root: Path, files: dict[str, bytes | str]) -> Path:
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return root


def test_voc_in_separate_folders_with_16_bit_png(tmp_path: Path) -> None:
    deep = encode((pixels(3).astype("uint16")) * 200, "PNG")
    source = put(
        tmp_path / "in",
        {
            "JPEGImages/p1_ant.jpg": scan(1),
            "JPEGImages/p1_post.png": deep,
            "JPEGImages/p2_ant.jpg": scan(2),
            "Annotations/p1_ant.xml": voc([GOOD]),
            "Annotations/p1_post.xml": voc([("normal", (0, 0, 256, 1024))]),
        },
    )
    report = convert(tmp_path / "out", "voc", str(source), "--strict")
    assert report["counts"]["scans"] == 3
    assert report["counts"]["patients"] == 2
    assert report["rewritten"] == {"more than 8 bit": 1}
    assert label(tmp_path / "out", "p1_post") == ["1 0.500000 0.500000 1.000000 1.000000"]
    assert label(tmp_path / "out", "p2_ant") == []
    written = np.asarray(Image.open(next((tmp_path / "out").rglob("p1_post.png"))))
    assert np.array_equal(written, decode_scans(deep, Path("p1_post.png"))[0].grey())


def test_one_based_corners_move_by_one_and_never_below_zero(tmp_path: Path) -> None:
    source = put(tmp_path / "in", {"1.jpg": scan(1), "1.xml": voc([("Normal", (1, 1, 128, 512))])})
    convert(tmp_path / "out", "voc", str(source), "--one-based", "--strict")
    assert label(tmp_path / "out", "1") == ["1 0.250000 0.250000 0.500000 0.500000"]
    assert from_one_based((0.0, 0.5, 4.0, 5.0)) == (0.0, 0.0, 4.0, 5.0)
    assert from_one_based((-3.0, 2.0, 4.0, 5.0)) == (-3.0, 1.0, 4.0, 5.0)


def test_voc_annotations_that_fit_no_image_or_one_image_twice(tmp_path: Path) -> None:
    source = put(
        tmp_path / "in",
        {
            "a/1.jpg": scan(1),
            "a/1.xml": voc([GOOD]),
            "b/1.xml": voc([GOOD, GOOD]),
            "b/2.xml": voc([GOOD]),
            "b/x.xml": voc([GOOD], "scan-3.jpg"),
            "a/scan-3.jpg": scan(3),
        },
    )
    report = convert(tmp_path / "out", "voc", str(source))
    assert report["problem_counts"] == {"duplicate_file": 1, "orphan_annotation": 1}
    assert report["counts"]["objects_reported"] == 3
    assert label(tmp_path / "out", "scan-3")


def test_a_patient_pattern_groups_scans(tmp_path: Path) -> None:
    files: dict[str, bytes | str] = {f"s{i}_{j}.jpg": scan(10 * i + j) for i in range(3) for j in range(2)}
    source = put(tmp_path / "in", {**files, "s0_0.xml": voc([GOOD])})
    report = convert(tmp_path / "out", "voc", str(source), "--patient", r"s(\d+)_")
    assert report["counts"]["patients"] == 3


def test_a_patient_pattern_whose_group_takes_no_part_leaves_the_name(tmp_path: Path) -> None:
    source = put(tmp_path / "in", {"s1_a.jpg": scan(1), "a.jpg": scan(2), "b.jpg": scan(3), "a.xml": voc([GOOD])})
    report = convert(tmp_path / "out", "voc", str(source), "--patient", r"(s\d)?_?[ab]")
    assert report["counts"]["patients"] == 3


def test_files_that_cannot_be_read_end_no_conversion(tmp_path: Path) -> None:
    source = put(tmp_path / "in", {"1.jpg": scan(1), "1.xml": voc([GOOD]), "2.jpg": scan(2), "3.jpg": scan(3)})
    (source / "itself.jpg").symlink_to("itself.jpg")
    (source / "nowhere.jpg").symlink_to("missing.jpg")
    (source / "2.xml").symlink_to("2.xml")
    os.mkfifo(source / "pipe.jpg")  # reading it would wait for ever
    os.mkfifo(source / "3.xml")
    report = convert(tmp_path / "out", "voc", str(source))
    assert report["problem_counts"] == {"undecodable_image": 3, "unreadable_file": 2}
    assert [path.name for path in (tmp_path / "out").rglob("*.jpg")] == ["1.jpg"]


def test_names_of_any_length_are_written(tmp_path: Path) -> None:
    long = "x" * 240
    files = [f"a/{long}.jpg", f"b/{long}.jpg", f"{'y' * 250}.jpg", f"{'é' * 120}.jpg", "a\nb.jpg"]
    source = put(tmp_path / "in", {name: scan(number) for number, name in enumerate(files)})
    put(source, {f"a/{long}.xml": voc([GOOD])})
    report = convert(tmp_path / "out", "voc", str(source))
    assert (report["counts"]["scans"], report["problems"]) == (5, [])
    written = [path.name for path in (tmp_path / "out").rglob("*.jpg")]
    assert all(len(f"{Path(name).stem}-999.jpeg".encode()) <= 255 for name in written)
    assert "a_b.jpg" in written
    rows = (tmp_path / "out" / "scans.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 6


def test_a_source_named_with_a_line_end_takes_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = put(tmp_path / "in\nside", {"1.jpg": scan(1), "1.xml": voc([GOOD])})
    convert(tmp_path / "out\nput", "voc", str(source))
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith(r"Converted in\nside: ")
    assert printed[-1].endswith(r"out\nput")


def coco(**changes: object) -> str:
    content: dict[str, object] = {
        "images": [
            {"id": 1, "file_name": "1.jpg", "width": 256, "height": 1024},
            {"id": 2, "file_name": "sub/2.jpg"},
        ],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 7, "bbox": [64, 256, 128, 512]},
            {"id": 2, "image_id": 1, "category_id": 3, "bbox": [0.5, 0, 10, 10]},
        ],
        "categories": [{"id": 7, "name": "Abnormal"}, {"id": 3, "name": "normal"}],
    }
    return json.dumps({**content, **changes})


def test_coco_boxes_are_corner_and_size(tmp_path: Path) -> None:
    put(tmp_path / "images", {"1.jpg": scan(1), "sub/2.jpg": scan(2)})
    source = put(tmp_path, {"a.json": coco()})
    report = convert(tmp_path / "out", "coco", str(source / "a.json"), "--images", str(tmp_path / "images"), "--strict")
    assert report["counts"]["objects_written"] == 2
    # 64 + 128 / 2 = 128 of 256; 5.5 of 256 = 0.021484
    assert label(tmp_path / "out", "1") == [
        "0 0.500000 0.500000 0.500000 0.500000",
        "1 0.021484 0.004883 0.039062 0.009766",
    ]
    assert label(tmp_path / "out", "2") == []


def test_coco_problems_are_counted(tmp_path: Path) -> None:
    put(tmp_path, {"1.jpg": scan(1), "sub/2.jpg": scan(2), "extra.jpg": scan(9)})
    good = {"image_id": 1, "category_id": 7, "bbox": [1, 2, 30, 40]}
    annotations = [
        good,
        {**good, "image_id": 99},
        {**good, "category_id": 55},
        {**good, "bbox": [1, 2, 3]},
        {**good, "bbox": [1, 2, -3, 4]},
        {**good, "bbox": [1, 2, float("nan"), 4]},
        {**good, "iscrowd": 1},
        {**good, "image_id": 4},
        {**good, "image_id": 5},
        {**good, "image_id": 2, "bbox": None},
        "not an object",
    ]
    images = [
        {"id": 1, "file_name": "1.jpg"},
        {"id": 2, "file_name": "sub/2.jpg"},
        {"id": 4, "file_name": "gone.jpg"},
        {"id": 5, "file_name": "../../outside.jpg"},
    ]
    put(tmp_path, {"a.json": coco(images=images, annotations=annotations)})
    report = convert(tmp_path / "out", "coco", str(tmp_path / "a.json"))
    assert report["counts"]["objects_read"] == 11
    assert report["counts"]["objects_written"] == 2
    assert report["counts"]["objects_reported"] == 9
    assert report["problem_counts"] == {
        "orphan_annotation": 2,
        "missing_image": 2,
        "missing_tag": 2,
        "unknown_class": 1,
        "box_not_finite": 1,
        "box_inverted": 1,
        "box_clipped": 1,
        "box_duplicate": 1,
        "box_crowd": 1,
        "no_sound_box": 1,
    }
    assert report["ignored"] == {"images the annotations do not list": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "not valid JSON"), ("[]", "no list `images`"), ('{"images": []}', "no list `annotations`")],
)
def test_what_is_not_coco_gets_one_line(text: str, message: str, tmp_path: Path) -> None:
    put(tmp_path, {"a.json": text, "1.jpg": scan(1)})
    with pytest.raises(BonescanError, match=message):
        main(["coco", str(tmp_path / "a.json"), "--out", str(tmp_path / "out")])


def test_download_copies_are_known_by_name() -> None:
    assert [file_id(f"a/{name}.jpg") for name in ("972(1)", "972 (2)", "972 - Copy", "972 copy 2", "972")] == [
        "972"
    ] * 5
    assert not is_copy_name("972.jpg")


def test_output_names_never_meet() -> None:
    names = output_names(["a/1.jpg", "b/1.jpg", "a/1.png", "b/C.jpg", "x/c.jpg", "a_1.jpg", "ü b.jpg"])
    assert names["ü b.jpg"] == "ü_b"
    assert len({name.lower() for name in names.values()}) == 7


def test_a_doctype_without_entities_is_harmless() -> None:
    assert len(parse_voc(b"<!DOCTYPE annotation>" + voc([GOOD]).encode(), "1.xml").objects) == 1


NUMBER = st.one_of(st.integers(), st.floats(), st.sampled_from(["", "ten", "1e400", "1,5"]))
OBJECTS = st.lists(st.tuples(st.sampled_from(["Normal", "", "x"]), st.tuples(NUMBER, NUMBER, NUMBER, NUMBER)))


@given(OBJECTS, st.booleans())
def test_every_object_of_a_file_is_read_or_reported(objects: list[Named], one_based: bool) -> None:
    content = parse_voc(voc(objects).encode(), "1.xml", one_based)
    assert len(content.objects) + len(content.problems) == len(objects)
    assert content.objects_read == len(objects)
