"""The last step of the demo: it chooses a typical scan and prints where the results are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bonescan_yolo.dataset.dataset_yaml import read_dataset
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.predict import demo
from tests.factories import make_dataset


def test_everything_lies_where_it_says(tmp_path: Path, model_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = make_dataset(tmp_path / "data")
    out = tmp_path / "out"
    assert demo.main(["--data", str(data), "--model", str(model_path), "--out", str(out)]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    said = {line[0]: Path(line[1]) for line in lines if len(line) == 2}
    assert said["picture"].read_bytes().startswith(b"\x89PNG")
    assert json.loads(said["JSON"].read_text())["model"]["file"] == model_path.name
    assert said["model"] == model_path


def test_the_scan_with_a_typical_number_of_boxes_is_chosen(tmp_path: Path) -> None:
    yaml = make_dataset(tmp_path / "data")
    first = read_dataset(yaml).images["test"][0]
    counts = {"none": (0, 2), "many": (40, 3), "some": (4, 2), "crowd": (5, 30)}
    for name, (abnormal, normal) in counts.items():
        image = first.with_stem(name)
        image.write_bytes(first.read_bytes())
        read_dataset(yaml).label_path(image).write_text(
            "0 0.5 0.5 0.1 0.1\n" * abnormal + "1 0.5 0.5 0.1 0.1\n" * normal
        )
    assert demo.choose_scan(read_dataset(yaml)).stem == "some"


def test_a_scan_with_disease_goes_before_one_without(tmp_path: Path) -> None:
    yaml = make_dataset(tmp_path / "data")
    images = read_dataset(yaml).images["test"]
    for image in images:
        read_dataset(yaml).label_path(image).write_text("1 0.5 0.5 0.1 0.1\n" * 3)  # 5 boxes off
    ill = images[0].with_stem("ill")
    ill.write_bytes(images[0].read_bytes())
    read_dataset(yaml).label_path(ill).write_text("0 0.5 0.5 0.1 0.1\n" * 14)  # 12 boxes off
    assert demo.choose_scan(read_dataset(yaml)) == ill


def test_no_test_scan_is_told(tmp_path: Path) -> None:
    yaml = make_dataset(tmp_path / "data")
    yaml.write_text("".join(line for line in yaml.read_text().splitlines(True) if not line.startswith("test:")))
    with pytest.raises(BonescanError, match="split `test` has no scans"):
        demo.choose_scan(read_dataset(yaml))
