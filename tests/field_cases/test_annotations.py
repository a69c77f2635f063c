"""Annotations as people have them: which image they belong to, and what becomes of those that belong to none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.convert.builders import GOOD, encode, pixels, scan, voc
from tests.field_cases.annotated_sets import Content, coco, convert

BOX = [(0, 10, 20, 30, 60)]
"""Class and corners of `GOOD`."""

ANNOTATION = {"image_id": 0, "category_id": 0, "bbox": [10, 20, 20, 40]}


@pytest.mark.parametrize(
    ("image_id", "annotation_id"), [("0", 0), (0, "0"), (0, 0.0), ("00ab", "00ab"), (" 7", 7), (12.0, "12")]
)
def test_ids_compare_as_text(image_id: object, annotation_id: object, tmp_path: Path) -> None:
    """COCO with `"id": "0"` and `"image_id": 0`: every annotated scan became background."""
    text = coco([{"id": image_id, "file_name": "1.jpg"}], [{**ANNOTATION, "image_id": annotation_id}])
    assert convert(tmp_path, "coco", {"1.jpg": scan(1), "a.json": text}).boxes == {"1": BOX}


@pytest.mark.parametrize(
    ("image", "annotation", "filename"),
    [
        ("0_ANT.png", "0_ant.xml", None),
        ("images/0_ANT.PNG", "labels/0_Ant.XML", "0_ant.png"),
        ("Müller_ANT.png", "MÜLLER_ant.xml", None),
        ("Mu\u0308ller.png", "M\u00fcller.xml", None),
        ("0.png", "x.xml", "0.jpg"),
        ("a/0.png", "x.xml", r"C:\Users\me\a\0.png"),
        ("a/0.png", "x.xml", "/data/upload/1/ab12cd34-0.png"),
        ("a/0 b.png", "x.xml", "https://host/data/local-files/?d=a/0%20b.png"),
        ("0_png.jpg", "0_png.jpg.xml", None),
        ("scan.png", "scan_png.rf.0123456789abcdef0123456789abcdef.xml", None),
    ],
)
def test_names_that_differ_in_case_or_form_are_matched(
    image: str, annotation: str, filename: str | None, tmp_path: Path
) -> None:
    """Annotations none of which finds its image: other case, paths of other machines, other suffixes."""
    files: dict[str, Content] = {image: encode(pixels(1), "PNG"), annotation: voc([GOOD], filename)}
    assert list(convert(tmp_path, "voc", files).boxes.values()) == [BOX]


def test_a_match_without_case_is_reported(tmp_path: Path) -> None:
    """Match by longest common path tail, then without case (said)."""
    found = convert(tmp_path, "voc", {"0_ANT.png": encode(pixels(1), "PNG"), "0_ant.xml": voc([GOOD])})
    assert found.kinds == {"image_name": 1}
    assert "0_ant.xml: is taken for 0_ANT.png, whose name differs in case" in found.text


FOLDERS: dict[str, dict[str, Content]] = {
    "folders in the name": {
        "Annotations/a.xml": voc([GOOD], "ANT/0.png"),
        "Annotations/b.xml": voc([], "POST/0.png"),
    },
    "folders of the annotations": {"Annotations/ANT/0.xml": voc([GOOD], "0.png")},
    "folders beside the images": {"ANT/ann/0.xml": voc([GOOD], "0.png"), "POST/ann/0.xml": voc([], "0.png")},
    "view in the folder": {"labels_ant/0.xml": voc([GOOD]), "labels_post/0.xml": voc([])},
    "folders of another machine": {"x.xml": voc([GOOD], r"D:\study\ANT\0.png")},
    "other case": {"annotations/ant/0.xml": voc([GOOD])},
}


@pytest.mark.parametrize("name", FOLDERS)
def test_folders_tell_images_of_one_name_apart(name: str, tmp_path: Path) -> None:
    """Folders in `<filename>` (`ANT/0.png`, `Annotations/ANT/0.xml`): all were orphans."""
    files: dict[str, Content] = {"ANT/0.png": encode(pixels(1), "PNG"), "POST/0.png": encode(pixels(2), "PNG")}
    found = convert(tmp_path, "voc", {**files, **FOLDERS[name]})
    assert found.boxes == {"ANT_0": BOX, "POST_0": []}


MASK = encode((pixels(1) > 5).astype(np.uint8) * 255, "PNG")


@pytest.mark.parametrize("mask", ["masks/1.png", "1_mask.png", "overlays/1.png", "a/1.png", "1_seg.png"])
def test_masks_beside_the_scans_are_no_scans(mask: str, tmp_path: Path) -> None:
    """Masks and overlays beside the scans: pictures of few levels are no scans."""
    found = convert(tmp_path, "voc", {"images/1.png": scan(1), mask: MASK, "xml/1.xml": voc([GOOD])})
    assert list(found.boxes.values()) == [BOX]
    assert found.kinds == {"not_a_scan": 1}


def test_an_overlay_of_an_annotated_scan_is_no_background(tmp_path: Path) -> None:
    """An overlay has as many levels as the scan it was drawn on."""
    drawn = pixels(1)
    drawn[20:60, [10, 30]] = 255
    files: dict[str, Content] = {"1.png": encode(pixels(1), "PNG"), "1.xml": voc([GOOD]), "2.png": scan(2)}
    for name in ("1_overlay.png", "vis/1.png", "overlay_1.png"):
        found = convert(tmp_path / name.replace("/", "_"), "voc", {**files, name: encode(drawn, "PNG")})
        assert found.background == {"2"}


ORPHANS = ["0ANT.xml", "00_ant.xml", "0-ant_final.xml", "patient 0 ant.xml", "0.xml", "0_ant_boxes.xml", "p0_ANT.xml"]


@pytest.mark.parametrize("orphan", ORPHANS)
@pytest.mark.parametrize("damaged", [False, True])
def test_an_image_whose_annotation_may_be_an_orphan_is_never_background(
    orphan: str, damaged: bool, tmp_path: Path
) -> None:
    """The same stem in any form, or a name that could mean the image; also if the file cannot be read."""
    files: dict[str, Content] = {"0_ant.png": encode(pixels(1), "PNG"), "5_post.png": encode(pixels(5), "PNG")}
    files |= {"8.png": encode(pixels(8), "PNG"), "8.xml": voc([GOOD])}
    found = convert(tmp_path, "voc", {**files, f"xml/{orphan}": "<annotation><obj" if damaged else voc([GOOD])})
    assert found.boxes == {"5_post": [], "8": BOX}


@pytest.mark.parametrize(
    ("names", "kind"),
    [(["x.xml", "y.xml"], "voc"), (["p/7.xml"], "voc"), (["deep/er/9_ant.xml"], "voc"), (["boxes.json"], "coco")],
)
def test_orphans_alone_are_an_error_that_names_the_first(names: list[str], kind: str, tmp_path: Path) -> None:
    """Exit 2 when every annotation is an orphan."""
    text = voc([GOOD]) if kind == "voc" else coco([{"id": 0, "file_name": "gone.png"}], [ANNOTATION])
    files: dict[str, Content] = {"0.png": encode(pixels(1), "PNG"), **dict.fromkeys(names, text)}
    found = convert(tmp_path, kind, files)
    assert found.code == 2
    assert (names[0] if kind == "voc" else "gone.png") in found.error
    assert "give each one its image" in found.error or "check the names" in found.error


def test_more_than_a_few_orphans_are_reported_on_top(tmp_path: Path) -> None:
    """A line on top when more than a few per cent are orphans."""
    files: dict[str, Content] = {f"{i}.png": encode(pixels(i), "PNG") for i in range(1, 5)}
    files |= {f"{i}.xml": voc([GOOD]) for i in range(1, 5)}
    assert "Warnings" not in convert(tmp_path / "none", "voc", files).text
    found = convert(tmp_path / "some", "voc", {**files, "lost.xml": voc([GOOD, GOOD])})
    assert found.report["warnings"] == [
        "1 of 5 annotations fit no image, or several (lost.xml is the first); 2 objects are left out with them, and so "
        "are images that they may belong to"
    ]
    assert found.text.splitlines()[2:4] == ["Warnings", f"  {found.report['warnings'][0]}"]


def test_a_copy_of_an_annotated_scan_is_no_background(tmp_path: Path) -> None:
    """The same pixels cannot be with and without boxes: copies, other formats, scans exported twice."""
    files: dict[str, Content] = {"1.png": encode(pixels(1), "PNG"), "1.xml": voc([GOOD], "1.png"), "2.png": scan(2)}
    for name, content in {
        "copy.png": encode(pixels(1), "PNG"),
        "1.bmp": encode(pixels(1), "BMP"),
        "1.jpg": scan(1),
        "jpg/1.jpg": scan(1),
    }.items():
        found = convert(tmp_path / name.replace("/", "_"), "voc", {**files, name: content})
        assert found.boxes == {"1": BOX, "2": []}
        assert found.kinds == {"maybe_annotated": 1}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["n/WB_ANT001_DS.png", "n/WB_POST001_DS.png", "m/WB_ANT001_DS.png"], ["m", "n", "n"]),
        (["wholeBodyANT/7.png", "wholeBodyPOST/7.png"], ["7", "7"]),
        (["7_post_injection_ant.png", "7_post_injection_post.png"], ["7", "7"]),
    ],
)
def test_patients_are_those_of_the_one_parser(names: list[str], expected: list[str], tmp_path: Path) -> None:
    """GE names in a folder per patient; two parsers disagreed."""
    files: dict[str, Content] = {name: encode(pixels(i), "PNG") for i, name in enumerate(names)}
    files[f"{Path(names[0]).with_suffix('')}.xml"] = voc([GOOD])
    convert(tmp_path, "voc", files)
    rows = [line.split(",") for line in (tmp_path / "out" / "scans.csv").read_text().splitlines()[1:]]
    assert sorted(row[2] for row in rows) == sorted(expected)
    assert "unknown" not in {row[4] for row in rows}


def test_names_with_a_date_get_the_pattern_that_would_group_them(tmp_path: Path) -> None:
    """Several dates of a patient (`BS00001_20110816_59e2`) fell on both sides of the split."""
    names = ["BS00001_20110816_59e2", "BS00001_20120301_77aa", "BS00002_20110816_0b3c"]
    files: dict[str, Content] = {f"{name}.png": encode(pixels(i), "PNG") for i, name in enumerate(names)}
    files[f"{names[0]}.xml"] = voc([GOOD])
    (warning,) = convert(tmp_path / "a", "voc", files).report["warnings"]
    pattern = warning.split("--patient '")[1].split("' would")[0]
    found = convert(tmp_path / "b", "voc", files, "--patient", pattern)
    assert (found.report["counts"]["patients"], "warnings" in found.report) == (2, False)


@pytest.mark.parametrize("pattern", ["case([0-9]+)", "^$", "PATIENT-(.*)"])
def test_a_pattern_that_matches_nothing_is_a_warning(pattern: str, tmp_path: Path) -> None:
    """`--patient` that finds no patient changes nothing, and is said."""
    found = convert(tmp_path, "voc", {"1.png": scan(1), "1.xml": voc([GOOD])}, "--patient", pattern)
    assert found.report["warnings"] == [
        f"--patient {pattern} matches no image's path; each patient is taken from the name"
    ]


def test_conflicting_names_are_reported(tmp_path: Path) -> None:
    """A `<filename>` that was not changed when image and annotation were renamed."""
    files: dict[str, Any] = {f"{i}.png": encode(pixels(i), "PNG") for i in (1, 2)}
    found = convert(tmp_path, "voc", {**files, "1.xml": voc([GOOD], "2.png"), "2.xml": voc([], "2.png")})
    assert found.boxes == {"1": BOX, "2": []}
    assert found.kinds == {"filename_disagrees": 1}
    assert len(found.report["warnings"]) == 1


@pytest.mark.parametrize(
    "names",
    [
        {"xml/ANT/0.xml": voc([GOOD]), "xml/POST/0.xml": voc([GOOD, GOOD])},
        {"a/0.xml": voc([GOOD]), "b/0.xml": voc([])},
        {"x.xml": voc([GOOD], "ANT/0.png"), "y.xml": voc([], "POST/0.png")},
    ],
)
def test_two_annotations_that_fit_one_image_equally_well_are_no_guess(names: dict[str, str], tmp_path: Path) -> None:
    """Annotations of two scans of one name, of which only one is there: it may be either."""
    files: dict[str, Content] = {"img/0.png": encode(pixels(1), "PNG"), "8.png": scan(8), "8.xml": voc([GOOD])}
    found = convert(tmp_path, "voc", {**files, **names})
    assert found.boxes == {"8": BOX}
    assert found.kinds == {"orphan_annotation": 2, "maybe_annotated": 1}


@pytest.mark.parametrize(
    ("image", "annotation", "filename"),
    [("ANT/0.png", "POST/0.xml", None), ("ant/0.png", "x.xml", "post/0.png"), ("0_ant.png", "0.xml", "wb_post/0.png")],
)
def test_an_annotation_of_the_other_view_is_none_of_this_one(
    image: str, annotation: str, filename: str | None, tmp_path: Path
) -> None:
    """The only image of a name is not taken if image and annotation state different views."""
    files: dict[str, Content] = {image: encode(pixels(1), "PNG"), annotation: voc([GOOD], filename)}
    found = convert(tmp_path, "voc", {**files, "8.png": scan(8), "8.xml": voc([GOOD])})
    assert found.kinds["orphan_annotation"] == 1
    assert found.boxes["8"] == BOX
    assert all(name == "8" or not boxes for name, boxes in found.boxes.items())


@pytest.mark.parametrize(
    ("image", "filename"),
    [
        ("1.2.840.113.png", "1.2.840.113"),
        ("ab12cd34-scan.png", "scan.png"),
        ("ab12cd34-scan.png", "99ffcd34-scan.jpg"),
        ("scan.png", "0a1b2c3d-scan.png"),
        ("20110816-7.png", "20110816-7.tif"),
    ],
)
def test_names_without_suffix_and_of_uploads_are_matched(image: str, filename: str, tmp_path: Path) -> None:
    """Names as tools write them: without the suffix, or with the prefix of an upload."""
    files: dict[str, Content] = {image: encode(pixels(1), "PNG"), "x.xml": voc([GOOD], filename)}
    assert list(convert(tmp_path, "voc", files).boxes.values()) == [BOX]


def test_a_date_before_a_name_is_no_upload(tmp_path: Path) -> None:
    """`20110816-7` is another scan than `7`, and may be what its annotation belongs to."""
    files: dict[str, Content] = {"7.png": encode(pixels(1), "PNG"), "20110816-7.xml": voc([GOOD])}
    found = convert(tmp_path, "voc", {**files, "8.png": scan(8), "8.xml": voc([GOOD])})
    assert found.boxes == {"8": BOX}
