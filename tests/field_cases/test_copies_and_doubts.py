"""Changed copies of annotated scans, boxes in other units, and files of another format than the user named."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bonescan_yolo.scan.identity.identities import identify_all, numbered_prefix
from tests.convert.builders import GOOD, encode, pixels, voc
from tests.field_cases.annotated_sets import Content, Converted, coco, convert

SCANS = {f"{number}_ant.png": encode(pixels(number), "PNG") for number in range(1, 6)}
BOXES = [(100, 200, 120, 220), (110, 400, 140, 420)]
HEADS = [(110, 30, 130, 50), (100, 60, 120, 90)]


def patients(tmp_path: Path) -> set[str]:
    rows = (tmp_path / "out" / "scans.csv").read_text(encoding="utf-8").splitlines()
    column = rows[0].split(",").index("patient")
    return {row.split(",")[column] for row in rows[1:]}


@pytest.mark.parametrize(
    "copy", ["1_ant_flip", "1_ant_rot90", "1_ant_aug_2", "1_ant - Copy", "thumbs/1_ant", "1_ant_enhanced"]
)
def test_a_changed_copy_of_an_annotated_scan_is_no_background(copy: str, tmp_path: Path) -> None:
    """Masks and overlays beside the scans: an annotated scan in another form became background."""
    mirrored = encode(np.ascontiguousarray(pixels(1)[:, ::-1]), "PNG")
    found = convert(
        tmp_path, "voc", {"1_ant.png": SCANS["1_ant.png"], "1_ant.xml": voc([GOOD]), f"{copy}.png": mirrored}
    )
    assert list(found.boxes) == ["1_ant"]
    assert found.kinds == {"not_a_scan": 1}


@pytest.mark.parametrize("small", ["small", "small/er"])
def test_the_same_name_below_an_annotated_scan_is_no_background(small: str, tmp_path: Path) -> None:
    files: dict[str, Content] = {"a/1_ant.png": SCANS["1_ant.png"], "a/1_ant.xml": voc([GOOD])}
    found = convert(tmp_path, "voc", {**files, f"a/{small}/1_ant.png": SCANS["2_ant.png"]})
    assert [len(boxes) for boxes in found.boxes.values()] == [1]
    assert found.kinds == {"maybe_annotated": 1}


def test_the_scan_from_which_an_annotated_copy_was_made_is_no_background(tmp_path: Path) -> None:
    files: dict[str, Content] = {
        "1_ant.png": SCANS["1_ant.png"],
        "1_ant_clahe.png": SCANS["2_ant.png"],
        "1_ant_clahe.xml": voc([GOOD]),
    }
    found = convert(tmp_path, "voc", files)
    assert list(found.boxes) == ["1_ant_clahe"]
    assert found.kinds == {"maybe_annotated": 1}


@pytest.mark.parametrize(
    "names",
    [
        ["7_ant_png.rf.0123456789abcdef0123.png", "7_ant_png.rf.fedcba98765432100123.png"],
        ["ab12cd34-7_ant.png", "12ab34cd-7_post.png"],
        ["7_ant.png", "7_ant_flip.png", "7_ant_aug_3.png"],
    ],
)
def test_a_renamed_or_changed_copy_is_of_the_same_patient(names: list[str], tmp_path: Path) -> None:
    """Both sides of the split had scans of one patient."""
    files: dict[str, Content] = {name: encode(pixels(i), "PNG") for i, name in enumerate(names, start=1)}
    convert(tmp_path, "voc", files | {f"{Path(name).stem}.xml": voc([GOOD]) for name in names})
    assert patients(tmp_path) == {"7"}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["S1_A.png", "S1_P.png", "s2_a.png", "s2_p.png"], ["S1", "S1", "s2", "s2"]),
        (["1A.png", "1P.png", "2A.png", "2P.png", "3A.png"], ["1", "1", "2", "2", "3"]),
        (["hep_a.png", "hep_b.png", "x_p.png"], ["hep_a", "hep_b", "x_p"]),
    ],
)
def test_letters_that_mean_the_view_do_not_divide_a_patient(names: list[str], expected: list[str]) -> None:
    """Both views of a patient were taken for two patients."""
    assert [identity.patient for identity in identify_all(names)] == expected


def converted(tmp_path: Path, boxes: list[list[float]]) -> Converted:
    images = [{"id": number, "file_name": name} for number, name in enumerate(SCANS)]
    objects = [{"image_id": image["id"], "category_id": 0, "bbox": box} for image in images for box in boxes]
    return convert(tmp_path, "coco", {**SCANS, "boxes.json": coco(images, objects)})


@pytest.mark.parametrize("corners", [BOXES, HEADS, [(20, 30, 45, 70), (30, 100, 61, 210)]])
def test_corners_in_place_of_sizes_give_a_warning_whatever_their_size(
    corners: list[tuple[float, ...]], tmp_path: Path
) -> None:
    """COCO boxes written x1 y1 x2 y2 passed."""
    found = converted(tmp_path, [list(box) for box in corners])
    assert "would fit if their four numbers were x1 y1 x2 y2 instead of x y width height" in found.text


@pytest.mark.parametrize("corners", [BOXES, HEADS, [(10, 20, 200, 420), (115, 130, 160, 190)]])
def test_true_sizes_give_no_warning(corners: list[tuple[float, ...]], tmp_path: Path) -> None:
    found = converted(tmp_path, [[x1, y1, x2 - x1, y2 - y1] for x1, y1, x2, y2 in corners])
    assert "warnings" not in found.report


def test_numbers_in_per_cent_give_a_warning(tmp_path: Path) -> None:
    found = converted(tmp_path, [[x / 2.56, y / 10.24, (x2 - x) / 2.56, (y2 - y) / 10.24] for x, y, x2, y2 in BOXES])
    assert "as if their numbers were per cent instead of pixels" in found.text


def test_numbers_as_fractions_are_named_in_the_error(tmp_path: Path) -> None:
    found = converted(tmp_path, [[0.39, 0.19, 0.08, 0.02]])
    assert "is smaller than a pixel (fractions of the image's size by mistake?)" in found.error


LABELME = json.dumps({"shapes": [], "imagePath": "1_ant.png"})
STUDIO = json.dumps([{"id": 1, "data": {"image": "1_ant.png"}, "annotations": []}])
CVAT = "<annotations><version>1.1</version></annotations>"
RESULTS = json.dumps([{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}])
TABLE = "path,class,x1,y1,x2,y2\n1_ant.png,abnormal,1,2,30,40\n"


@pytest.mark.parametrize(
    ("given", "file", "content", "said"),
    [
        ("coco", "a.json", LABELME, "looks like labelme: try `bonescan convert labelme`"),
        ("coco", "a.json", STUDIO, "looks like label-studio: try"),
        ("coco", "a.json", RESULTS, "looks like COCO results: they name no images"),
        ("coco", "a.xml", voc([GOOD]), "looks like voc: try"),
        ("voc", "a.json", coco([], []), "looks like coco: try"),
        ("voc", "annotations.xml", CVAT, "looks like cvat: try"),
        ("voc", "1_ant.txt", "0 0.5 0.5 0.1 0.1\n", "looks like yolo: try"),
        ("yolo", "1_ant.xml", voc([GOOD]), "looks like voc: try"),
        ("labelme", "a.json", coco([], []), "looks like coco: try"),
        ("cvat", "annotations.xml", voc([GOOD]), "looks like voc: try"),
        ("label-studio", "a.csv", TABLE, "looks like csv: try"),
        ("csv", "a.json", LABELME, "looks like labelme: try"),
        ("bs80k", "a.json", coco([], []), "looks like coco: try"),
    ],
)
def test_the_error_for_another_format_names_it(
    given: str, file: str, content: Content, said: str, tmp_path: Path
) -> None:
    found = convert(tmp_path, given, {"1_ant.png": SCANS["1_ant.png"], file: content})
    assert (found.code, said in found.error) == (2, True), found.error


def test_tasks_without_any_annotation_are_no_background(tmp_path: Path) -> None:
    """An export of Label Studio in which nothing is annotated yet became background."""
    found = convert(tmp_path, "label-studio", {"1_ant.png": SCANS["1_ant.png"], "a.json": STUDIO})
    assert "has no annotation of 1_ant.png yet" in found.error


def test_images_without_ids_and_an_empty_file_are_named(tmp_path: Path) -> None:
    found = convert(tmp_path, "coco", {**SCANS, "a.json": coco([{"file_name": "1_ant.png"}], [])})
    assert "none of its images has an id" in found.error
    found = convert(tmp_path / "voc", "voc", {"1_ant.png": SCANS["1_ant.png"], "1_ant.xml": b""})
    assert "1_ant.xml, which is empty" in found.error


@pytest.mark.parametrize(
    ("names", "patients_of_them"),
    [
        (["p1_1.png", "p1_2.png", "p2_1.png", "p2_2.png"], 2),
        (["0001-00.png", "0001-01.png", "0002-00.png", "0002-01.png", "0003-00.png"], 3),
        (["IM_1.png", "IM_2.png", "IM_3.png", "IM_4.png"], None),
        (["7_ant.png", "7_post.png", "8_ant.png", "8_post.png"], None),
        ([f"center{site}_{number}.png" for site in "12" for number in range(10, 30)], None),
    ],
)
def test_names_that_may_count_the_scans_of_a_patient_are_pointed_out(
    names: list[str], patients_of_them: int | None
) -> None:
    """Both views of a patient, `p1_1` and `p1_2`, were on both sides of the split without a word."""
    found = numbered_prefix(names)
    assert (found.patients if found else None) == patients_of_them


def test_a_labelled_scan_of_bs80k_without_annotation_is_no_background(tmp_path: Path) -> None:
    folder = "wholeBodyANT"
    files: dict[str, Content] = {f"{folder}/{number}.jpg": encode(pixels(number), "JPEG") for number in (1, 2, 3)}
    files[f"{folder}/{folder}.txt"] = "1.jpg 1\n2.jpg 1\n3.jpg 0\n"
    found = convert(tmp_path / "none", "bs80k", files)
    assert "holds no annotations (XML) in wholeBodyANT, so every scan would be background" in found.error
    found = convert(tmp_path / "one", "bs80k", {**files, f"{folder}/ant/1.xml": voc([GOOD])})
    assert {name: len(boxes) for name, boxes in found.boxes.items()} == {"1_anterior": 1, "3_anterior": 0}
    assert found.kinds["maybe_annotated"] == 1
