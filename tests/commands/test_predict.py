"""The prediction command, as a user types it."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from PIL import Image
from pydicom.uid import RLELossless

from bonescan_yolo.commands import predict
from bonescan_yolo.dataset.yolo_labels import read_labels
from bonescan_yolo.files import sha256_of
from bonescan_yolo.predict.formats.reading_json import read_schema
from bonescan_yolo.predict.results import FORMATS
from tests.conftest import Outcome, RunCommand
from tests.factories import (
    SPOT_BOXES,
    SPOT_CLASSES,
    SPOT_CONFIDENCES,
    card_metadata,
    count_scan,
    grey_scan,
    make_model,
    nm_dataset,
    save,
    save_dicom,
)
from tests.scan.pictures.test_raster import BAD_NAMES, bad_files

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "ultralytics", "cv2", "matplotlib", "pandas", "scipy", "onnx", "yaml", "pydantic")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def read(run_command: RunCommand, model_path: Path, out: Path) -> RunCommand:
    """Return a function that runs the command with the known network, writing to `out`."""
    return lambda *arguments: run_command(predict.main, "--model", model_path, "--out", out, *arguments)


def python(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own, with the package on its path."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        check=False,
        **options,
    )


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def names_below(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def load(path: Path) -> dict[str, Any]:
    """Return a reading's JSON after checking it against the schema."""
    reading: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.validate(reading, read_schema(), cls=jsonschema.Draft202012Validator)
    return reading


def boxes_of(reading: dict[str, Any]) -> list[list[float]]:
    return [detection["box_xyxy"] for detection in reading["detections"]]


def assert_one_error(outcome: Outcome, message: str) -> None:
    assert outcome.code == 2
    assert outcome.err.startswith("error: ")
    assert outcome.err.count("\n") == 1
    assert message in outcome.err


def test_as_a_process_data_and_logs_go_their_ways(scan_path: Path, model_path: Path, out: Path) -> None:
    done = python("-m", "bonescan_yolo.predict", scan_path, "--model", model_path, "--out", out)
    assert (done.returncode, done.stderr) == (0, "")
    header, line, where = done.stdout.splitlines()
    assert header.split() == ["abnormal", "normal", "abnormal", "conf.", "view", "scan"]
    assert line.split() == ["2", "1", "0.98", "anterior", str(scan_path)]
    assert where == f"results in {out}; research software, not a medical device."
    reading = load(out / "patient_ant.json")
    assert boxes_of(reading) == SPOT_BOXES
    assert [detection["class"] for detection in reading["detections"]] == ["abnormal", "abnormal", "normal"]
    confidences = [detection["confidence"] for detection in reading["detections"]]
    assert confidences == pytest.approx(SPOT_CONFIDENCES, abs=1e-4)
    assert reading["scan"]["path"] == str(scan_path)
    assert reading["scan"]["sha256"] == sha256_of(scan_path)
    assert Image.open(out / "patient_ant.png").width > 512
    assert names(out) == ["patient_ant.json", "patient_ant.png"]


def test_as_a_process_a_mistake_is_one_line(tmp_path: Path, scan_path: Path, model_path: Path) -> None:
    done = python("-m", "bonescan_yolo.predict", tmp_path / "none.png", scan_path, "--model", model_path, "--out", "-")
    assert done.returncode == 2
    assert done.stderr == f"error: {tmp_path / 'none.png'}: does not exist; check the path\n"
    assert boxes_of(json.loads(done.stdout)) == SPOT_BOXES


def test_no_training_library_is_imported(tmp_path: Path, scan_path: Path, model_path: Path, out: Path) -> None:
    dicom = save_dicom(tmp_path / "scan.dcm", nm_dataset([count_scan()]))
    script = (
        "import sys\nfrom bonescan_yolo.commands import predict\n"
        "code = predict.main(sys.argv[1:])\n"
        f"print(code, sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    done = python("-c", script, scan_path, dicom, "--model", model_path, "--out", out)
    assert done.stdout.splitlines()[-1] == "0 []", done.stderr
    assert names(out) == ["patient_ant.json", "patient_ant.png", "scan.json", "scan.png"]


def test_a_single_picture_needs_neither_pydicom_nor_tqdm(scan_path: Path, model_path: Path, out: Path) -> None:
    script = (
        "import sys\nfrom bonescan_yolo import Detector\n"
        f"Detector({str(model_path)!r})({str(scan_path)!r})\n"
        "print(sorted({'pydicom', 'tqdm'} & set(sys.modules)))"
    )
    assert python("-c", script).stdout == "[]\n"


def test_nothing_is_left_in_the_users_home(
    tmp_path: Path, scan_path: Path, model_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"  # where onnxruntime would put an identifier of the machine for its statistics
    home.mkdir()
    for variable in ("ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(home))
    done = python("-m", "bonescan_yolo.predict", scan_path, "--model", model_path, "--out", out)
    assert done.returncode == 0
    assert list(home.iterdir()) == []


def test_a_dicom_of_both_views(read: RunCommand, tmp_path: Path, out: Path) -> None:
    frames = [count_scan(), count_scan()]
    dicom = save_dicom(tmp_path / "wb.dcm", nm_dataset(frames, ["Anterior", "Posterior"], spacing=(2.0, 3.0)))
    outcome = read(dicom)
    assert outcome.code == 0
    assert names(out) == ["wb-1.json", "wb-1.png", "wb-2.json", "wb-2.png"]
    first, second = load(out / "wb-1.json"), load(out / "wb-2.json")
    assert (first["scan"]["view"], second["scan"]["view"]) == ("anterior", "posterior")
    assert (first["scan"]["frame"], second["scan"]["frame"], second["scan"]["frame_count"]) == (0, 1, 2)
    assert sorted(boxes_of(second)) == sorted(SPOT_BOXES)
    assert {tuple(detection["size_mm"]) for detection in second["detections"]} == {(48.0, 32.0)}
    assert f"{dicom} frame 2" in outcome.out


def test_a_scan_of_twice_the_size(read: RunCommand, tmp_path: Path, out: Path) -> None:
    large = np.asarray(Image.fromarray(grey_scan()).resize((512, 2048), Image.Resampling.NEAREST))
    assert read(save(tmp_path / "1.png", large)).code == 0
    reading = load(out / "1.json")
    assert boxes_of(reading) == [[2 * edge for edge in box] for box in SPOT_BOXES]
    assert (reading["scan"]["width"], reading["scan"]["height"]) == (512, 2048)


def test_csv(read: RunCommand, scan_path: Path, out: Path) -> None:
    assert read(scan_path, "--format", "csv", "--no-picture").code == 0
    assert names(out) == ["detections.csv"]
    rows = list(csv.DictReader(io.StringIO((out / "detections.csv").read_text(encoding="utf-8"))))
    assert [[float(row[edge]) for edge in ("x1_px", "y1_px", "x2_px", "y2_px")] for row in rows] == SPOT_BOXES


def test_yolo(read: RunCommand, scan_path: Path, out: Path) -> None:
    assert read(scan_path, "--format", "yolo", "--no-picture").code == 0
    assert names(out) == ["patient_ant.txt"]
    boxes, classes = read_labels(out / "patient_ant.txt", 256, 1024)
    np.testing.assert_allclose(boxes, SPOT_BOXES, atol=1e-3)
    assert classes.tolist() == SPOT_CLASSES
    confidences = [float(line.split()[5]) for line in (out / "patient_ant.txt").read_text().splitlines()]
    assert confidences == pytest.approx(SPOT_CONFIDENCES, abs=1e-5)


def test_coco(read: RunCommand, scan_path: Path, out: Path) -> None:
    assert read(scan_path, "--format", "coco", "--no-picture").code == 0
    content = json.loads((out / "detections.json").read_text())
    assert [annotation["bbox"] for annotation in content["annotations"]] == [
        [x1, y1, x2 - x1, y2 - y1] for x1, y1, x2, y2 in SPOT_BOXES
    ]
    assert content["images"][0]["file_name"] == str(scan_path)


def test_json_lines_on_standard_output(
    run_command: RunCommand, scan_path: Path, model_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    other = save(tmp_path / "scans" / "骨.png", grey_scan([], []))
    outcome = run_command(predict.main, scan_path.parent, "--model", model_path, "--out", "-")
    readings = [json.loads(line) for line in outcome.out.splitlines()]
    assert [reading["scan"]["path"] for reading in readings] == [str(scan_path), str(other)]
    for reading in readings:
        jsonschema.validate(reading, read_schema())
    assert (outcome.code, outcome.err) == (0, "")
    assert names(tmp_path) == ["scans"]  # nothing is written


def test_quiet_and_no_picture(read: RunCommand, scan_path: Path, out: Path) -> None:
    outcome = read(scan_path, "--quiet", "--no-picture")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "")
    assert names(out) == ["patient_ant.json"]


def test_view_is_for_scans_that_do_not_tell(read: RunCommand, scan_path: Path, tmp_path: Path, out: Path) -> None:
    plain = save(tmp_path / "more" / "1.png", grey_scan())
    assert read(scan_path, plain, "--view", "posterior").code == 0
    assert load(out / "patient_ant.json")["scan"]["view"] == "anterior"
    assert load(out / "1.json")["scan"]["view"] == "posterior"


def test_thresholds(read: RunCommand, scan_path: Path, out: Path) -> None:
    assert read(scan_path, "--conf", "0.9", "--iou", "0.9").code == 0
    reading = load(out / "patient_ant.json")
    assert boxes_of(reading) == SPOT_BOXES[:1]
    assert reading["model"]["confidence_threshold"] == 0.9
    assert reading["model"]["iou_threshold"] == 0.9
    assert reading["summary"] == {"n_abnormal": 1, "n_normal": 0, "scan_abnormal_confidence": pytest.approx(0.9804)}


def test_folders_patterns_and_files_of_one_name(read: RunCommand, tmp_path: Path, out: Path) -> None:
    for name in ("a/1.png", "a/2.png", "b/1.png", "b/.hidden.png"):
        save(tmp_path / name, grey_scan())
    outcome = read(tmp_path / "a", tmp_path / "*" / "1.png", "--no-picture")
    assert outcome.code == 0
    assert names(out) == ["1-1.json", "1-2.json", "2.json"]  # a/1.png was meant twice and is read once
    assert load(out / "1-1.json")["scan"]["path"] == str(tmp_path / "a" / "1.png")
    assert load(out / "1-2.json")["scan"]["path"] == str(tmp_path / "b" / "1.png")


def test_results_inside_the_folder_of_scans_are_not_read_again(
    run_command: RunCommand, scan_path: Path, model_path: Path
) -> None:
    inside = scan_path.parent / "results"
    for _ in range(2):
        outcome = run_command(predict.main, scan_path.parent, "--model", model_path, "--out", inside)
        assert (outcome.code, outcome.err) == (0, "")
    assert names(inside) == ["patient_ant.json", "patient_ant.png"]


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
        "yolo": ["a_b_[31m.txt"],
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
    return {key: text.replace('"schema": 3', '"schema": 4') for key, text in card_metadata().items()}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (None, "does not exist; give the path of an ONNX model"),
        (lambda: b"damaged", "is not an ONNX model that can be loaded"),
        (lambda: make_model({}), "is not a model of bonescan_yolo"),
        (lambda: make_model(newer_metadata()), "has description schema 4, newer than 3"),
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


@pytest.mark.parametrize("arguments", [["--conf", "2"], ["--iou", "-1"], ["--conf", "nan"]], ids=["conf", "iou", "nan"])
def test_thresholds_out_of_range(read: RunCommand, scan_path: Path, out: Path, arguments: list[str]) -> None:
    assert_one_error(read(scan_path, *arguments), "is outside 0 to 1")
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
