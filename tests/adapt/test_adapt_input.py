"""What the user named: converted or not, in which format, and options that would be ignored."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bonescan_yolo.adapt.adapt_input import AnnotatedSource, conversion_options, convert_to, read_converted
from bonescan_yolo.convert.class_map import parse_map
from bonescan_yolo.convert.converting import guess_format_of
from bonescan_yolo.dataset.dataset_yaml import read_dataset
from bonescan_yolo.errors import DatasetError, SettingsError


@pytest.fixture
def labelme(tmp_path: Path) -> Path:
    """Six scans of three patients with LabelMe files; the only box of one is of an unknown class."""
    folder = tmp_path / "labelme"
    folder.mkdir()
    grey = np.random.default_rng(0).integers(0, 200, (1024, 256), dtype=np.uint8)
    for index in range(6):
        name = f"{index // 2}_{('anterior', 'posterior')[index % 2]}"
        Image.fromarray(grey + index).save(folder / f"{name}.png")
        label = "odd" if index == 5 else "Malignant"
        shape = {"label": label, "points": [[50, 60], [70, 90]], "shape_type": "rectangle"}
        described = {"shapes": [shape], "imagePath": f"{name}.png", "imageHeight": 1024, "imageWidth": 256}
        (folder / f"{name}.json").write_text(json.dumps(described), encoding="utf-8")
    return folder


def test_annotations_are_converted_into_one_split_and_problems_are_said(
    labelme: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = AnnotatedSource(labelme, None, None, conversion_options(parse_map(["Malignant=abnormal"])))
    dataset = convert_to(tmp_path / "scans", source)
    assert {split: len(images) for split, images in dataset.images.items()} == {"train": 5, "val": 0, "test": 0}
    said = capsys.readouterr().err
    assert "annotations are read as labelme" in said
    assert "note: the conversion has problems" in said
    assert "unknown class" in said


def test_a_converted_data_set_is_read_where_it_is(labelme: Path, tmp_path: Path) -> None:
    options = conversion_options(parse_map(["Malignant=abnormal,odd="]))
    convert_to(tmp_path / "scans", AnnotatedSource(labelme, "labelme", None, options))
    yaml = tmp_path / "scans" / "dataset.yaml"
    for place in (yaml, yaml.parent):
        source = AnnotatedSource(place, None, None, conversion_options())
        assert source.converted_yaml == yaml
        assert read_converted(source, yaml) == read_dataset(yaml, needed=())
    with pytest.raises(SettingsError, match="is converted already"):
        read_converted(AnnotatedSource(yaml, None, None, options), yaml)
    with pytest.raises(SettingsError, match="is converted already"):
        read_converted(AnnotatedSource(yaml, "voc", None, conversion_options()), yaml)


def test_options_that_bs80k_has_no_use_for_are_refused(tmp_path: Path) -> None:
    (tmp_path / "wholeBodyANT").mkdir()
    (tmp_path / "wholeBodyANT" / "1.jpg").write_bytes(b"")
    source = AnnotatedSource(tmp_path, None, None, conversion_options(patient=re.compile(r"(\d)")))
    with pytest.raises(SettingsError, match="leave --images and --patient out"):
        convert_to(tmp_path / "out", source)


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("a.xml", "<annotation><bndbox/></annotation>", "voc"),
        ("a.xml", "<annotations/>", "cvat"),
        ("a.json", '{"images": [], "annotations": []}', "coco"),
        ("a.json", '[{"data": {}}]', "label-studio"),
        ("a.txt", "0 0.5 0.5 0.1 0.1", "yolo"),
        ("a.csv", "path,class,x1,y1,x2,y2", "csv"),
        ("wholeBodyPOST/post/1.xml", "<annotation><bndbox/></annotation>", "bs80k"),
    ],
)
def test_the_format_is_guessed(tmp_path: Path, name: str, content: str, found: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert guess_format_of(tmp_path) == found
    if found != "bs80k":
        assert guess_format_of(tmp_path / name) == found


@pytest.mark.parametrize("content", ['[{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4]}]', "{}"])
def test_what_is_in_no_known_format_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.json").write_text(content, encoding="utf-8")
    with pytest.raises(DatasetError, match="holds no annotations in a known format"):
        guess_format_of(tmp_path)
