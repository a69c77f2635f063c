"""BS-80K in: every known defect handled and counted, every object accounted for."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from bonescan_yolo.commands.convert import main
from bonescan_yolo.dataset.dataset_yaml import bones_path, read_dataset
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.regions.bone_files import encode_masks, read_map
from bonescan_yolo.regions.region_map import bone_map
from bonescan_yolo.regions.region_names import BONES
from tests.convert.builders import BOMB, GOOD, Bs80k, encode, pixels, scan, voc
from tests.convert.readers.conversion import convert, images, labels

ANT = "wholeBodyANT"
NO_BOXES = np.zeros((0, len(BONES)), bool)


def test_a_set_without_errors_converts_with_no_problem(tmp_path: Path) -> None:
    report = convert(Bs80k().write(tmp_path / "in"), tmp_path / "out", "--strict")
    assert report["problems"] == []
    assert images(tmp_path / "out") == {f"{i}_{v}" for i in (1, 2, 3) for v in ("anterior", "posterior")}
    # 10..30 of 256 and 20..60 of 1024; 100..120 and 500..520
    assert labels(tmp_path / "out", "1_anterior") == [
        "0 0.078125 0.039062 0.078125 0.039062",
        "1 0.429688 0.498047 0.078125 0.019531",
    ]
    assert report["is_sample"]
    assert report["counts"]["source_by_view"]["anterior"]["abnormal_objects"] == 3
    assert report["published_by_view"]["anterior"]["annotation_files"] == 2924


@pytest.mark.parametrize("pack", [False, True])
def test_simulated_scans_do_not_pass_for_bs80k(tmp_path: Path, pack: bool) -> None:
    folder = Bs80k().write(tmp_path / "in")
    (folder / "phantom.json").write_text("{}")
    if pack:
        with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
            for path in folder.rglob("*.*"):
                archive.write(path, path.relative_to(tmp_path))
    report = convert(tmp_path / "in.zip" if pack else folder, tmp_path / "out")
    assert report["source"]["title"] == "simulated scans (bonescan_yolo.phantom)"
    assert read_dataset(tmp_path / "out" / "dataset.yaml").source == report["source"]["title"]
    assert "is_sample" not in report


def test_zip_and_folder_give_the_same_bytes_and_so_does_a_second_run(tmp_path: Path) -> None:
    data = Bs80k()
    convert(data.write(tmp_path / "temp.zip.d" / "temp.zip"), tmp_path / "a", "--folds", "2")
    convert(data.pack(tmp_path / "temp.zip"), tmp_path / "b", "--folds", "2")
    convert(tmp_path / "temp.zip", tmp_path / "b", "--folds", "2")
    first, second = (
        {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}
        for root in (tmp_path / "a", tmp_path / "b")
    )
    assert first == second
    assert str(tmp_path) not in first["convert_report.json"].decode()


def test_images_are_the_same_bytes_linked_or_copied(tmp_path: Path) -> None:
    source = Bs80k(prefix="").write(tmp_path / "in")
    convert(source, tmp_path / "linked")
    convert(source, tmp_path / "copied", "--copy")
    original = source / ANT / "1.jpg"
    (linked,) = (tmp_path / "linked" / "images").rglob("1_anterior.jpg")
    (copied,) = (tmp_path / "copied" / "images").rglob("1_anterior.jpg")
    assert linked.samefile(original)
    assert not copied.samefile(original)
    assert copied.read_bytes() == original.read_bytes()


def test_a_scan_without_xml_is_background(tmp_path: Path) -> None:
    data = Bs80k()
    del data.files[f"{ANT}/ant/2.xml"]
    data.files[f"{ANT}/{ANT}.txt"] = b"1.jpg\t1\r\n2.jpg\t0\r\n3.jpg 1\r\n"
    report = convert(data.write(tmp_path / "in"), tmp_path / "out")
    assert report["problems"] == []
    assert labels(tmp_path / "out", "2_anterior") == []


def test_nested_folders_other_case_junk_and_region_crops(tmp_path: Path) -> None:
    data = Bs80k(prefix="a/b/")
    data.files = {name.replace("wholeBodyANT", "WHOLEBODYant"): body for name, body in data.files.items()}
    data.files["WHOLEBODYant/1.JPEG"] = data.files.pop("WHOLEBODYant/1.jpg")
    data.files["kneeLANT/1.jpg"] = scan(90, 40, 40)
    data.files["kneeLANT/kneeLANT.txt"] = b"1.jpg 0\n"
    data.files["__MACOSX/wholeBodyANT/._1.jpg"] = b"junk"
    data.files["wholeBodyPOST/.DS_Store"] = b"junk"
    report = convert(data.write(tmp_path / "in"), tmp_path / "out")
    assert report["problems"] == []
    assert report["ignored"] == {"files of the operating system": 2, "region crops": 2}
    assert report["counts"]["scans"] == 6


def test_masks_and_bones_of_simulated_scans_are_no_region_crops(tmp_path: Path) -> None:
    data = Bs80k()
    data.files["masks/wholeBodyANT/1.png"] = scan(1024, 256, 3)
    data.files["regions/wholeBodyANT/1.npz"] = encode_masks(np.zeros((len(BONES), 1024, 256), bool), NO_BOXES)
    report = convert(data.write(tmp_path / "in"), tmp_path / "out")
    assert report["ignored"] == {"masks and bones of simulated scans": 2}


def test_bones_of_simulated_scans_come_along(tmp_path: Path) -> None:
    data = Bs80k()
    masks = np.random.default_rng(0).random((len(BONES), 1024, 256)) < 0.1
    data.files["regions/wholeBodyPOST/2.npz"] = encode_masks(masks, NO_BOXES)
    convert(data.write(tmp_path / "in"), tmp_path / "out")
    (image,) = (tmp_path / "out" / "images").glob("*/2_posterior.*")
    assert np.array_equal(read_map(bones_path(image)), bone_map(masks))
    assert len(list((tmp_path / "out").glob("bones/*/*"))) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"2\.npz: holds no bones"),
        (encode_masks(np.zeros((len(BONES), 8, 8), bool), NO_BOXES), r"2\.npz: has another size than its scan"),
    ],
)
def test_bones_that_cannot_be_are_refused(content: bytes, message: str, tmp_path: Path) -> None:
    data = Bs80k()
    data.files["regions/wholeBodyPOST/2.npz"] = content
    with pytest.raises(BonescanError, match=message):
        convert(data.write(tmp_path / "in"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


DEFECTS: dict[str, tuple[dict[str, bytes | None], dict[str, int], int]] = {
    # name: (files changed, problems by kind, scans left of 6)
    "download copy": ({f"{ANT}/2(1).jpg": scan(4)}, {"download_copy": 1}, 6),
    "copy alone": (
        {f"{ANT}/2(1).jpg": scan(4), f"{ANT}/2.jpg": None},
        {"download_copy": 1},
        6,
    ),
    "copy of an annotation": ({f"{ANT}/ant/2 (1).xml": voc([GOOD]).encode()}, {"download_copy": 1}, 6),
    "missing image": ({f"{ANT}/2.jpg": None}, {"missing_image": 1}, 5),
    "orphan annotation": ({f"{ANT}/ant/9.xml": voc([GOOD]).encode()}, {"orphan_annotation": 1}, 6),
    "label without image": ({f"{ANT}/{ANT}.txt": b"1.jpg 1\n2.jpg 1\n3.jpg 1\n4.jpg 0\n"}, {"missing_image": 1}, 6),
    "label disagrees": ({f"{ANT}/{ANT}.txt": b"1.jpg 1\n2.jpg 0\n3.jpg 1\n"}, {"label_disagrees": 1}, 6),
    "label line broken": ({f"{ANT}/{ANT}.txt": b"1.jpg 1\n2.jpg\n3.jpg 1\n"}, {"label_line": 1, "label_missing": 1}, 6),
    "label file missing": ({f"{ANT}/{ANT}.txt": None}, {"label_missing": 1}, 6),
    "class unknown": (
        {f"{ANT}/ant/1.xml": voc([GOOD, ("Nidus", (1, 2, 30, 40))]).encode()},
        {"unknown_class": 1},
        6,
    ),
    "class in other case": ({f"{ANT}/ant/1.xml": voc([(" ABNORMAL ", (1, 2, 30, 40))]).encode()}, {}, 6),
    "box clipped": (
        {f"{ANT}/ant/1.xml": voc([("Abnormal", (-5, 2, 300, 40))]).encode()},
        {"box_clipped": 1},
        6,
    ),
    "box outside": (
        {f"{ANT}/ant/1.xml": voc([GOOD, ("Normal", (260, 2, 300, 40))]).encode()},
        {"box_outside": 1},
        6,
    ),
    "box inverted": (
        {f"{ANT}/ant/1.xml": voc([GOOD, ("Normal", (50, 2, 30, 40))]).encode()},
        {"box_inverted": 1},
        6,
    ),
    "box empty": (
        {f"{ANT}/ant/1.xml": voc([GOOD, ("Normal", (50, 2, 50, 40))]).encode()},
        {"box_empty": 1},
        6,
    ),
    "box not finite": (
        {f"{ANT}/ant/1.xml": voc([GOOD, ("Normal", ("nan", 2, 50, 40))]).encode()},
        {"box_not_finite": 1},
        6,
    ),
    "box twice": ({f"{ANT}/ant/1.xml": voc([GOOD, GOOD]).encode()}, {"box_duplicate": 1}, 6),
    "no valid box": (
        {f"{ANT}/ant/1.xml": voc([("Abnormal", (50, 2, 50, 40))]).encode()},
        {"box_empty": 1, "no_sound_box": 1},
        5,
    ),
    "tag missing": (
        {f"{ANT}/ant/1.xml": voc([GOOD]).replace("</annotation>", "<object/></annotation>").encode()},
        {"missing_tag": 1},
        6,
    ),
    "no number": (
        {f"{ANT}/ant/1.xml": voc([GOOD, ("Normal", ("ten", 2, 50, 40))]).encode()},
        {"missing_tag": 1},
        6,
    ),
    "size tag missing": ({f"{ANT}/ant/1.xml": voc([GOOD], size=None).encode()}, {}, 6),
    "other size": (
        {f"{ANT}/1.jpg": scan(50, 200, 800), f"{ANT}/ant/1.xml": voc([GOOD], size=(200, 800)).encode()},
        {"other_size": 1},
        6,
    ),
    "size disagrees": ({f"{ANT}/1.jpg": scan(50, 200, 800)}, {"size_disagrees": 1}, 5),
    "size swapped": ({f"{ANT}/ant/1.xml": voc([GOOD], size=(1024, 256)).encode()}, {"size_disagrees": 1}, 6),
    "image cut off": ({f"{ANT}/1.jpg": scan(2)[:9000]}, {"undecodable_image": 1}, 5),
    "image empty": ({f"{ANT}/1.jpg": b""}, {"undecodable_image": 1}, 5),
    "not an image": ({f"{ANT}/1.jpg": b"<html>not found</html>"}, {"undecodable_image": 1}, 5),
    "one pixel": ({f"{ANT}/1.jpg": scan(1, 1, 1)}, {"undecodable_image": 1}, 5),
    "trailing bytes": ({f"{ANT}/1.jpg": scan(2) + b"\0\0"}, {"jpeg_tail": 1}, 6),
    "malformed XML": ({f"{ANT}/ant/1.xml": b"<annotation><object>"}, {"unreadable_annotation": 1}, 5),
    "entity bomb": ({f"{ANT}/ant/1.xml": BOMB.encode()}, {"unreadable_annotation": 1}, 5),
    "other XML": ({f"{ANT}/ant/1.xml": b"<html/>"}, {"unreadable_annotation": 1}, 5),
    "filename of another": (
        {f"{ANT}/ant/1.xml": voc([GOOD], "7.jpg").encode()},
        {"filename_disagrees": 1},
        6,
    ),
    "empty": (
        {
            f"{ANT}/1.jpg": encode(pixels(1) * 0),
            f"{ANT}/ant/1.xml": None,
            f"{ANT}/{ANT}.txt": b"1.jpg 0\n2.jpg 1\n3.jpg 1\n",
        },
        {"undecodable_image": 1},
        5,
    ),
    "empty with boxes": ({f"{ANT}/1.jpg": encode(pixels(1) * 0)}, {"undecodable_image": 1}, 5),
    "a photograph": (
        {
            f"{ANT}/1.jpg": encode(pixels(1) + 120),
            f"{ANT}/ant/1.xml": None,
            f"{ANT}/{ANT}.txt": b"1.jpg 0\n2.jpg 1\n3.jpg 1\n",
        },
        {"not_a_scan": 1},
        5,
    ),
    "duplicate patient": ({f"{ANT}/3.jpg": scan(2)}, {"duplicate_patient": 1}, 6),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_reported_and_the_rest_is_kept(name: str, tmp_path: Path) -> None:
    changes, expected, scans_left = DEFECTS[name]
    data = Bs80k()
    for file, body in changes.items():
        if body is None:
            del data.files[file]
        else:
            data.files[file] = body
    archive = data.pack(tmp_path / "temp.zip")
    report = convert(archive, tmp_path / "out")
    assert report["problem_counts"] == expected
    assert len(images(tmp_path / "out")) == scans_left
    for problem in report["problems"]:
        assert problem["file"]
        assert "\n" not in problem["reason"]
    if expected:
        with pytest.raises(BonescanError, match="--strict allows no problem"):
            main(["bs80k", str(archive), "--out", str(tmp_path / "strict"), "--strict"])
        assert not (tmp_path / "strict").exists()


def test_a_clipped_box_ends_at_the_edge(tmp_path: Path) -> None:
    data = Bs80k()
    data.annotate(f"{ANT}/ant/1.xml", [("Abnormal", (-5, 1000, 64, 1100))])
    convert(data.write(tmp_path / "in"), tmp_path / "out")
    # 0..64 of 256 and 1000..1024 of 1024
    assert labels(tmp_path / "out", "1_anterior") == ["0 0.125000 0.988281 0.250000 0.023438"]


def test_names_of_any_sort_stay_one_line_and_one_file(tmp_path: Path) -> None:
    data = Bs80k()
    for stem in ("a b", "a_b", "x\ny"):
        data.files[f"{ANT}/{stem}.jpg"] = scan(100 + len(stem) + ord(stem[1]))
    report = convert(data.pack(tmp_path / "temp.zip"), tmp_path / "out", "--folds", "2")
    assert report["problem_counts"] == {"label_missing": 3}
    assert images(tmp_path / "out") >= {"a_b_anterior", "a_b_anterior-2", "x_y_anterior"}
    text = (tmp_path / "out" / "convert_report.txt").read_text(encoding="utf-8")
    assert "x?y.jpg: is not listed" in text


def test_the_report_counts_boxes_at_the_edges(tmp_path: Path) -> None:
    data = Bs80k()
    data.annotate(f"{ANT}/ant/1.xml", [("Normal", (0, 5, 256, 9)), ("Normal", (1, 5, 255, 1024))])
    assert convert(data.write(tmp_path / "in"), tmp_path / "out")["box_edges"] == {
        "begin_at_0": 1,
        "begin_at_1": 1,
        "end_at_size_minus_1": 1,
        "end_at_size": 2,
    }


def test_duplicates_found_in_either_view_stay_together(tmp_path: Path) -> None:
    data = Bs80k(range(1, 31))
    data.files["wholeBodyPOST/30.jpg"] = data.files["wholeBodyPOST/4.jpg"]
    data.files[f"{ANT}/17.jpg"] = data.files[f"{ANT}/30.jpg"]
    convert(data.write(tmp_path / "in"), tmp_path / "out", "--split", "34/33/33")
    rows = [line.split(",") for line in (tmp_path / "out" / "scans.csv").read_text().splitlines()[1:]]
    group = [row for row in rows if row[3] in {"4", "17", "30"}]
    assert len(group) == 6
    assert {row[2] for row in group} == {"4"}
    assert len({row[1] for row in group}) == 1
