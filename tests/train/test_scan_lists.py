"""What Ultralytics gets of a data set: lists of scans, and no key of the user's file that it acts upon."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from ultralytics.data.utils import check_det_dataset

from bonescan_yolo.dataset.dataset_yaml import read_dataset
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.train.scan_lists import LISTS_YAML, write_scan_lists
from tests.factories import make_dataset


@pytest.mark.parametrize(
    "more",
    [
        "download: open('pwned', 'w')\n",
        "download: bash touch pwned\n",
        "download: https://localhost/x.zip\nnc: 80\n",
        "masks_dir: /etc\nminival: nowhere\nkpt_shape: [1, 2]\n",
    ],
)
def test_other_keys_stay_with_us(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: str) -> None:
    monkeypatch.chdir(tmp_path)
    yaml = make_dataset(tmp_path / "set")
    yaml.write_text(yaml.read_text() + more)
    write_scan_lists(read_dataset(yaml), tmp_path / "run" / "data")
    content = json.loads((tmp_path / "run" / "data" / LISTS_YAML).read_text())
    assert set(content) == {"train", "val", "test", "channels", "names"}
    assert not Path("pwned").exists()


@pytest.mark.parametrize("path", ["sub", "./sub", "sub/../sub"])
def test_a_path_is_below_the_user_s_file_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    inner = make_dataset(tmp_path / "set" / "sub")
    yaml = tmp_path / "set" / "dataset.yaml"
    yaml.write_text(f"path: {path}\n{inner.read_text()}")
    monkeypatch.chdir(tmp_path)
    dataset = read_dataset(yaml.relative_to(tmp_path))
    write_scan_lists(dataset, Path("run"))
    theirs = check_det_dataset(Path("run") / LISTS_YAML)
    listed = Path(theirs["train"]).read_text().splitlines()
    assert [Path(line) for line in listed] == [image.absolute() for image in dataset.images["train"]]
    assert all(Path(line).is_file() for line in listed)
    assert theirs["names"] == {0: "abnormal", 1: "normal"}
    assert theirs["channels"] == 1


@pytest.mark.parametrize("name", ["1\n2_anterior.png", "1\u20282_anterior.png", "1_anterior.png\x85.png"])
def test_a_name_that_a_list_cannot_hold_is_named(tmp_path: Path, name: str) -> None:
    yaml = make_dataset(tmp_path / "set")
    folder = tmp_path / "set" / "images" / "train"
    (folder / "1_anterior.png").rename(folder / name)
    with pytest.raises(BonescanError, match="has a name that Ultralytics cannot read in a list; rename it"):
        write_scan_lists(read_dataset(yaml), tmp_path / "run")


def test_a_name_that_is_not_unicode_is_named(tmp_path: Path) -> None:
    yaml = make_dataset(tmp_path / "set")
    folder = tmp_path / "set" / "images" / "train"
    try:
        os.rename(folder / "1_anterior.png", os.fsencode(folder) + b"/\xff.png")  # noqa: PTH104 a name of bytes
    except OSError:
        pytest.skip("this file system has Unicode names only")
    with pytest.raises(BonescanError, match="has a name that Ultralytics cannot read in a list; rename it"):
        write_scan_lists(read_dataset(yaml), tmp_path / "run")
