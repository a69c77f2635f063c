"""What ships with the package is found in a wheel and in a checkout, whatever the working folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bonescan_yolo import Detector, resources
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.resources import core_count, shipped_config, shipped_model


def test_the_model_is_found_inside_the_package_before_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "bonescan_yolo"
    monkeypatch.setattr(resources, "PACKAGE", package)
    with pytest.raises(BonescanError, match=r"weights/bonescan-app\.onnx: is missing; .* or give --model, such as"):
        shipped_model()
    for folder in (package.parent, package):
        model = folder / "weights" / "bonescan-app.onnx"
        model.parent.mkdir(parents=True)
        model.touch()
        assert shipped_model() == model


def test_a_working_folder_of_someone_else_does_not_bring_its_own_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "bonescan-app.onnx").write_bytes(b"another")
    monkeypatch.chdir(tmp_path)
    assert Detector().path == shipped_model() != tmp_path / "weights" / "bonescan-app.onnx"


def test_in_a_checkout_the_path_does_not_depend_on_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(resources.PACKAGE.parent)
    assert shipped_model() == Path("weights") / "bonescan-app.onnx"


@pytest.mark.parametrize("name", ["train.yaml", "phantom.yaml"])
def test_the_settings_ship_too(name: str) -> None:
    assert shipped_config(name).is_file()


def test_a_setting_that_does_not_ship_is_named() -> None:
    with pytest.raises(BonescanError, match=r"configs/none\.yaml: is missing; it comes with the package"):
        shipped_config("none.yaml")


@pytest.mark.parametrize(
    ("text", "least"), [("150000 100000\n", 2), ("10000 100000\n", 1), ("max 100000\n", None), ("?", None)]
)
def test_a_containers_quota_bounds_the_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, least: int | None
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    monkeypatch.setattr(resources, "CPU_QUOTA", tmp_path / "cpu.max")
    assert core_count() == 64
    (tmp_path / "cpu.max").write_text(text)
    assert core_count() == (least or 64)


@pytest.mark.parametrize(
    ("quota", "period", "cores"),
    [("200000\n", "100000\n", 2), ("150000", "100000", 2), ("5000", "100000", 1), ("-1", "100000", 64), ("?", "0", 64)],
)
def test_an_older_containers_quota_bounds_the_cores_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quota: str, period: str, cores: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    monkeypatch.setattr(resources, "CPU_QUOTA", tmp_path / "cpu.max")
    for name, text in (("CPU_QUOTA_V1", quota), ("CPU_PERIOD_V1", period)):
        monkeypatch.setattr(resources, name, tmp_path / name)
        (tmp_path / name).write_text(text)
    assert core_count() == cores
