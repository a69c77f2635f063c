"""Reading a converted data set back."""

from __future__ import annotations

from pathlib import Path

import pytest

from bonescan_yolo.dataset.dataset_yaml import read_dataset, read_split_options
from bonescan_yolo.errors import BonescanError
from tests.factories import SPOT_BOXES, SPOT_CLASSES, grey_scan, make_dataset, save


def test_images_by_split_and_their_labels(tmp_path: Path) -> None:
    yaml = make_dataset(tmp_path / "set")
    dataset = read_dataset(yaml)
    assert {split: [path.name for path in paths] for split, paths in dataset.images.items()} == {
        "train": ["1_anterior.png", "1_posterior.png"],
        "val": ["2_anterior.png"],
        "test": ["3_posterior.png"],
    }
    image = dataset.images["val"][0]
    assert dataset.label_path(image) == tmp_path / "set" / "labels" / "val" / "2_anterior.txt"
    assert len(dataset.label_path(image).read_text().splitlines()) == len(SPOT_BOXES) == len(SPOT_CLASSES)
    assert dataset.source == "set"


def test_only_the_last_images_folder_becomes_labels(tmp_path: Path) -> None:
    dataset = read_dataset(make_dataset(tmp_path / "images" / "set"))
    assert dataset.label_path(dataset.images["val"][0]) == tmp_path / "images/set/labels/val/2_anterior.txt"
    assert dataset.label_path(Path("flat") / "1.png") == Path("flat") / "1.txt"


def test_a_list_of_images_as_for_folds(tmp_path: Path) -> None:
    yaml = make_dataset(tmp_path)
    (tmp_path / "folds").mkdir()
    (tmp_path / "folds" / "val.txt").write_text("../images/train/1_posterior.png\n\n../images/val/2_anterior.png\n")
    fold = tmp_path / "folds" / "fold-0.yaml"
    fold.write_text(yaml.read_text().replace("images/", "../images/").replace("../images/val", "val.txt"))
    assert [path.name for path in read_dataset(fold).images["val"]] == ["1_posterior.png", "2_anterior.png"]


def test_path_and_source_keys(tmp_path: Path) -> None:
    yaml = make_dataset(tmp_path / "set")
    elsewhere = tmp_path / "mine.yaml"
    elsewhere.write_text(f"path: set\nsource: a study\n{yaml.read_text()}")
    dataset = read_dataset(elsewhere)
    assert len(dataset.images["train"]) == 2
    assert dataset.source == "a study"


def test_the_hash_changes_with_labels_and_names(tmp_path: Path) -> None:
    yaml = make_dataset(tmp_path)
    before = read_dataset(yaml).sha256()
    assert read_dataset(yaml).sha256() == before
    label = tmp_path / "labels" / "val" / "2_anterior.txt"
    label.write_text("")
    changed = read_dataset(yaml).sha256()
    assert changed != before
    (tmp_path / "images" / "val" / "2_anterior.png").rename(tmp_path / "images" / "val" / "4_anterior.png")
    assert read_dataset(yaml).sha256() not in (before, changed)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("1: normal", "1: cat", r"has classes \['abnormal', 'cat'\], not \['abnormal', 'normal'\]"),
        ("names:", "nmes:", "has classes None"),
        ("val: images/val", "val: images/none", "images/none, which does not exist"),
        ("val: images/val", "val: labels/val", "split `val` has no scans"),
        ("val: images/val", "", "split `val` has no scans"),
        ("train: images/train", "train:", "split `train` has no scans"),
        ("train: images/train", "train: [a, b]", r"`train` is \['a', 'b'\], not a path"),
        ("train: images/train", "path: {a: 1}", r"`path` is \{'a': 1\}, not a path"),
        ("train: images/train", "train: convert_report.json", "convert_report.json, which does not exist"),
        ("val: images/val", f"val: {'x' * 5000}", "which cannot be read"),
    ],
)
def test_bad_files(tmp_path: Path, old: str, new: str, message: str) -> None:
    yaml = make_dataset(tmp_path)
    yaml.write_text(yaml.read_text().replace(old, new))
    with pytest.raises(BonescanError, match=f"dataset.yaml: .*{message}"):
        read_dataset(yaml)


@pytest.mark.parametrize("line", ["../images/train", "x.png", "list.txt", "/etc/passwd", "other.yaml"])
def test_a_list_names_scans_that_are_there(tmp_path: Path, line: str) -> None:
    yaml = make_dataset(tmp_path)
    (tmp_path / "list.txt").write_text(f"images/train/1_anterior.png\n{line}\n")
    yaml.write_text(yaml.read_text().replace("images/train", "list.txt"))
    with pytest.raises(BonescanError, match=r"list\.txt: lists .*, which is not a scan; convert"):
        read_dataset(yaml)


def test_names_as_a_list_and_no_test_split(tmp_path: Path) -> None:
    yaml = make_dataset(tmp_path)
    yaml.write_text("train: images/train\nval: images/val\nnames: [abnormal, normal]\n")
    assert set(read_dataset(yaml).images) == {"train", "val"}
    save(tmp_path / "images" / "val" / "5_anterior.JPG", grey_scan(), format="JPEG")
    (tmp_path / "images" / "val" / "notes.txt").write_text("x")
    assert [path.name for path in read_dataset(yaml).images["val"]] == ["2_anterior.png", "5_anterior.JPG"]


def test_split_options_come_from_the_conversions_report(tmp_path: Path) -> None:
    dataset = read_dataset(make_dataset(tmp_path))
    assert read_split_options(dataset) is None
    report = tmp_path / "convert_report.json"
    report.write_text('{"options": {"split": "80/10/10", "seed": 3, "folds": 0, "strict": false}}')
    assert read_split_options(dataset) == {"split": "80/10/10", "seed": 3, "folds": 0}
    report.write_text("[]")
    with pytest.raises(BonescanError, match="is not a conversion's report"):
        read_split_options(dataset)
