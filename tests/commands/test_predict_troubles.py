"""The prediction command on what cannot be read, named or written: one line each, and the others are still read."""

from __future__ import annotations

import errno
import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydicom.uid import RLELossless

from bonescan_yolo.commands import predict
from bonescan_yolo.predict.results import FORMATS
from tests.commands.predicting import assert_one_error, load, names, names_below
from tests.conftest import RunCommand
from tests.factories import (
    card_metadata,
    count_scan,
    grey_scan,
    make_model,
    nm_dataset,
    save,
    save_dicom,
)
from tests.scan.pictures.test_raster import BAD_NAMES, bad_files


def test_the_others_of_a_batch_are_still_read(read: RunCommand, tmp_path: Path, out: Path) -> None:
    folder = tmp_path / "batch"
    save(folder / "0_first.png", grey_scan())
    bad = bad_files(tmp_path / "good")
    for name, (content, _) in bad.items():
        (folder / name).write_bytes(content)
    save(folder / "zz_last.png", grey_scan())
    outcome = read(folder, tmp_path / "none.png", tmp_path / "*.none")
    assert outcome.code == 2
    assert names(out) == ["0_first.json", "0_first.png", "zz_last.json", "zz_last.png"]
    lines = outcome.err.splitlines()
    assert all(line.startswith("error: ") for line in lines)
    assert len(lines) == len(BAD_NAMES) + 2
    for name, (_, message) in bad.items():
        assert sum(f"/{name}: " in line and message in line for line in lines) == 1
    assert "Traceback" not in outcome.err


def test_a_dicom_that_ends_early_stops_no_other(read: RunCommand, scan_path: Path, tmp_path: Path, out: Path) -> None:
    short = nm_dataset([count_scan()] * 2)
    short.compress(RLELossless)
    short.NumberOfFrames = 3
    outcome = read(save_dicom(tmp_path / "short.dcm", short), scan_path, "--no-picture")
    assert_one_error(outcome, "short.dcm: is damaged DICOM (its pixel data ends early)")
    assert names(out) == ["patient_ant.json"]


@pytest.mark.parametrize("named", ["a.png", ".", "*.png"])
def test_a_link_to_itself_stops_no_other(
    run_command: RunCommand, scan_path: Path, model_path: Path, out: Path, named: str
) -> None:
    """The link is named itself, or found in a folder or by a pattern; results go elsewhere or into that folder."""
    link = scan_path.parent / "a.png"
    link.symlink_to(link.name)
    for results in (out, scan_path.parent / "results"):
        outcome = run_command(
            predict.main, scan_path.parent / named, scan_path, "--model", model_path, "--out", results, "--no-picture"
        )
        assert_one_error(outcome, f"{link}: is a link that leads back to itself")
        assert names(results) == ["patient_ant.json"]


@pytest.mark.parametrize("form", FORMATS)
def test_a_name_with_control_characters_stays_one_line(read: RunCommand, tmp_path: Path, out: Path, form: str) -> None:
    good = save(tmp_path / "scans" / "a\nb\x1b[31m.png", grey_scan())
    (tmp_path / "scans" / "c\rd.png").write_bytes(b"")
    outcome = read(tmp_path / "scans", "--format", form)
    assert_one_error(outcome, r"c\rd.png: is empty")
    _, line, where = outcome.out.split("\n")[:-1]
    assert line.endswith(r"a\nb\x1b[31m.png")
    assert where.startswith("results in")
    results = {
        "json": ["a_b_[31m.json"],
        "yolo": ["a_b_[31m.txt", "data.yaml"],
        "csv": ["detections.csv"],
        "coco": ["detections.json"],
        "labelme": ["a_b_[31m.json"],
        "cvat": ["annotations.xml"],
        "label-studio": ["labeling-interface.xml", "tasks.json"],
    }
    assert names_below(out) == sorted(["a_b_[31m.png", *results[form]])
    if form == "json":
        assert load(out / results[form][0])["scan"]["path"] == str(good)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("letter", ["x", "骨"])
def test_a_name_of_240_bytes_is_read(read: RunCommand, tmp_path: Path, out: Path, form: str, letter: str) -> None:
    long = letter * (236 // len(letter.encode()))
    paths = [save(tmp_path / "scans" / name, grey_scan()) for name in (f"{long}.png", f"{long}.bmp", "z.png")]
    outcome = read(tmp_path / "scans", "--format", form)
    assert (outcome.code, outcome.err) == (0, "")
    written = names_below(out)
    assert all(len(name.encode()) <= 255 for name in written)
    pictures = [name for name in written if name.endswith(".png")]
    assert len(pictures) == 3
    assert "z.png" in pictures
    if form == "json":
        readings = [load(out / f"{Path(name).stem}.json") for name in pictures]
        assert sorted(reading["scan"]["path"] for reading in readings) == sorted(map(str, paths))
    before = {path: path.read_bytes() for path in out.rglob("*.*")}
    assert read(tmp_path / "scans", "--format", form) == outcome
    assert {path: path.read_bytes() for path in out.rglob("*.*")} == before


def test_a_subfolder_that_cannot_be_read_is_one_line_and_the_others_are_read(
    read: RunCommand, scan_path: Path, tmp_path: Path, out: Path, lock_folder: Callable[[Path], None]
) -> None:
    save(tmp_path / "scans" / "locked" / "2.png", grey_scan())
    lock_folder(tmp_path / "scans" / "locked")
    outcome = read(tmp_path / "scans", "--no-picture")
    assert_one_error(outcome, f"{tmp_path / 'scans' / 'locked'}: cannot be read (permission denied); change its")
    assert names(out) == ["patient_ant.json"]


def test_a_folder_that_cannot_be_read_writes_nothing(
    read: RunCommand, scan_path: Path, out: Path, lock_folder: Callable[[Path], None]
) -> None:
    lock_folder(scan_path.parent)
    assert_one_error(read(scan_path.parent), f"{scan_path.parent}: cannot be read (permission denied)")
    assert not out.exists()


def test_nothing_readable_writes_nothing(read: RunCommand, tmp_path: Path, out: Path) -> None:
    (tmp_path / "1.png").write_bytes(b"")
    for form in FORMATS:
        outcome = read(tmp_path / "1.png", "--format", form)
        assert_one_error(outcome, "1.png: is empty")
        assert outcome.out == ""
    assert not out.exists()


def test_a_name_too_long_stops_no_other(read: RunCommand, scan_path: Path, out: Path) -> None:
    outcome = read("x" * 300 + ".png", scan_path, "--no-picture")
    assert_one_error(outcome, "ile name too long")
    assert names(out) == ["patient_ant.json"]


def test_a_folder_without_scans(read: RunCommand, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert_one_error(read(tmp_path / "empty"), "empty: holds no scans; give a folder with PNG")


def newer_metadata() -> dict[str, str]:
    return {key: text.replace('"schema": 3', '"schema": 6') for key, text in card_metadata().items()}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (None, "does not exist; give the path of an ONNX model"),
        (lambda: b"damaged", "is not an ONNX model that can be loaded"),
        (lambda: make_model({}), "is not a model of bonescan_yolo"),
        (lambda: make_model(newer_metadata()), "has description schema 6, newer than 5"),
    ],
    ids=["missing", "damaged", "foreign", "newer"],
)
def test_bad_models(
    run_command: RunCommand, scan_path: Path, out: Path, make: Callable[[], bytes] | None, message: str
) -> None:
    model = out.parent / "x.onnx"
    if make is not None:
        model.write_bytes(make())
    assert_one_error(run_command(predict.main, scan_path, "--model", model, "--out", out), f"x.onnx: {message}")
    assert not out.exists()


@pytest.mark.parametrize(
    "arguments",
    [["--conf", "2"], ["--iou", "-1"], ["--conf", "nan"], ["--conf", "abnormal=0.4,normal=2"]],
    ids=["conf", "iou", "nan", "class"],
)
def test_thresholds_out_of_range(read: RunCommand, scan_path: Path, out: Path, arguments: list[str]) -> None:
    assert_one_error(read(scan_path, *arguments), "is outside 0 to 1")
    assert not out.exists()


@pytest.mark.parametrize("text", ["high", "0.4,0.3", "normal=0.3"])
def test_what_is_no_threshold(read: RunCommand, scan_path: Path, out: Path, text: str) -> None:
    assert_one_error(read(scan_path, "--conf", text), f"--conf {text}: is not a threshold; give a number such as 0.4")
    assert not out.exists()


@pytest.mark.parametrize(
    "arguments",
    [[], ["1.png", "--format", "xml"], ["1.png", "--view", "lateral"], ["1.png", "--out", "-", "--format", "csv"]],
)
def test_wrong_options(run_command: RunCommand, arguments: list[str]) -> None:
    outcome = run_command(predict.main, *arguments)
    assert outcome.code == 2
    assert "error: " in outcome.err


def test_a_folder_is_never_written_into_that_holds_the_scans(
    run_command: RunCommand, scan_path: Path, model_path: Path
) -> None:
    before = scan_path.read_bytes()
    outcome = run_command(predict.main, scan_path, "--model", model_path, "--out", scan_path.parent / "." / "x" / "..")
    assert_one_error(outcome, "holds the scans themselves; choose another folder")
    assert scan_path.read_bytes() == before
    assert names(scan_path.parent) == [scan_path.name]


def test_a_file_in_place_of_the_output_folder(read: RunCommand, scan_path: Path, out: Path) -> None:
    out.write_text("mine")
    assert_one_error(read(scan_path), "cannot be written")
    assert out.read_text() == "mine"


def test_a_read_only_output_folder(
    read: RunCommand, scan_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(*arguments: object, **options: object) -> tuple[int, str]:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(out))

    out.mkdir()
    monkeypatch.setattr(tempfile, "mkstemp", deny)
    assert_one_error(read(scan_path), "patient_ant.json: cannot be written (permission denied); choose another")
    assert names(out) == []


def test_a_disk_that_fills_up_half_way(
    read: RunCommand, scan_path: Path, tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The third file, the JSON of the second scan, meets a full disk; what came before is whole and alone."""
    second = save(tmp_path / "more" / "second.png", grey_scan())
    opened: list[int] = []

    class Disk(io.FileIO):
        def write(self, data: Any) -> int:
            if len(opened) < 3:
                return super().write(data)
            super().write(data[:100])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def open_handle(handle: int, mode: str) -> Disk:
        opened.append(handle)
        return Disk(handle, mode)

    monkeypatch.setattr(os, "fdopen", open_handle)
    outcome = read(scan_path, second)
    assert_one_error(outcome, "second.json: cannot be written (no space left on device)")
    assert names(out) == ["patient_ant.json", "patient_ant.png"]
    load(out / "patient_ant.json")


def test_the_same_input_gives_the_same_bytes(read: RunCommand, scan_path: Path, out: Path) -> None:
    first = read(scan_path)
    before = {name: (out / name).read_bytes() for name in names(out)}
    assert read(scan_path) == first
    assert {name: (out / name).read_bytes() for name in names(out)} == before
