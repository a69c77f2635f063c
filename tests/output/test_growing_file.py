"""A file about all scans is whole at any time, and has what was done after an interrupt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bonescan_yolo.commands import measure, predict
from bonescan_yolo.output import growing_file
from bonescan_yolo.output.growing_file import GrowingFile
from bonescan_yolo.predict.results import FORMATS
from tests.factories import card_metadata, grey_scan, make_model, save

ALL_READINGS = {
    "csv": "detections.csv",
    "coco": "detections.json",
    "cvat": "annotations.xml",
    "label-studio": "tasks.json",
}


def test_versions_are_written_when_the_last_is_old_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, lines = tmp_path / "x", ["1"]
    file = GrowingFile(path, lambda: "".join(lines))
    file.finish()
    file.grow()
    assert not path.exists()
    monkeypatch.setattr(growing_file, "SECONDS_BETWEEN", 0.0)
    file.finish()
    assert path.read_text() == "1"
    lines.append("2")
    file._next = 0.0
    file.grow()
    assert path.read_text() == "12"
    path.unlink()
    file.finish()
    assert not path.exists()  # nothing new


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    for name in ("1_anterior", "2_anterior", "3_anterior"):
        save(tmp_path / "in" / f"{name}.png", grey_scan())
    (tmp_path / "model.onnx").write_bytes(make_model(card_metadata()))
    return tmp_path


def interrupt_after_two(monkeypatch: pytest.MonkeyPatch, module: object, error: type[BaseException]) -> None:
    def two(*arguments: object) -> Iterator[object]:
        readings = keep(*arguments)
        yield next(readings)
        yield next(readings)
        raise error

    keep = module.keep_readings  # type: ignore[attr-defined]
    monkeypatch.setattr(module, "keep_readings", two)


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
@pytest.mark.parametrize("form", FORMATS)
def test_what_was_read_stays(
    scans: Path, monkeypatch: pytest.MonkeyPatch, form: str, error: type[BaseException]
) -> None:
    command = ["--model", str(scans / "model.onnx"), "--format", form, "--quiet"]
    assert predict.main([*map(str, sorted((scans / "in").iterdir())[:2]), *command, "--out", str(scans / "two")]) == 0
    interrupt_after_two(monkeypatch, predict, error)
    with pytest.raises(error):
        predict.main([str(scans / "in"), *command, "--out", str(scans / "two2")])
    expected = {path.name: path.read_bytes() for path in (scans / "two").rglob("*") if path.is_file()}
    found = {path.name: path.read_bytes().replace(b"two2", b"two") for path in (scans / "two2").rglob("*.*")}
    assert found == expected
    assert ALL_READINGS.get(form, "1_anterior.png") in found or form in ("labelme", "yolo")


def test_what_was_measured_stays(scans: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt_after_two(monkeypatch, measure, KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        measure.main([str(scans / "in"), "--model", str(scans / "model.onnx"), "--out", str(scans / "out")])
    assert len((scans / "out" / "studies.csv").read_text().splitlines()) == 3
    assert (scans / "out" / "hot_spots.coco.json").read_text().count('"file_name"') == 2
