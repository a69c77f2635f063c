"""Files that ship with the package are found in a wheel and in a checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from bonescan_yolo import shipped
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.shipped import shipped_config


def test_a_file_inside_the_package_comes_before_one_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "PACKAGE", tmp_path / "bonescan_yolo")
    for folder in (tmp_path, tmp_path / "bonescan_yolo"):
        (folder / "configs").mkdir(parents=True)
        (folder / "configs" / "phantom.yaml").touch()
        assert shipped_config("phantom.yaml") == folder / "configs" / "phantom.yaml"


def test_a_missing_file_is_named() -> None:
    with pytest.raises(BonescanError, match=r"configs.none\.yaml: is missing"):
        shipped_config("none.yaml")
