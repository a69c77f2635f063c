"""The prediction command, as a user types it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from bonescan_yolo.commands import predict
from bonescan_yolo.dataset.yolo_labels import read_labels
from bonescan_yolo.files import sha256_of
from bonescan_yolo.predict.formats.reading_json import read_schema
from tests.commands.predicting import boxes_of, load, names, python
from tests.conftest import RunCommand
from tests.factories import (
    SPOT_BOXES,
    SPOT_CLASSES,
    SPOT_CONFIDENCES,
    count_scan,
    grey_scan,
    nm_dataset,
    save,
    save_dicom,
)
from tests.shared.site_cases import put

HEAVY = ("torch", "ultralytics", "cv2", "matplotlib", "pandas", "scipy", "onnx", "yaml", "pydantic")


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


def test_a_model_that_gives_sites(
    read: RunCommand, scan_path: Path, out: Path, map_of_bones: NDArray[np.uint8]
) -> None:
    put(map_of_bones, "left_ribs_7", SPOT_BOXES[1])
    outcome = read(scan_path)
    assert (outcome.code, "rib" in outcome.out) == (0, False)
    reading = load(out / "patient_ant.json")
    texts = [detection["site"] and detection["site"]["text"] for detection in reading["detections"]]
    assert (reading["model"]["gives_sites"], texts) == (True, [None, "left seventh rib, anterior", None])


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
    assert names(out) == ["data.yaml", "patient_ant.txt"]
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


def test_a_threshold_for_each_class(read: RunCommand, scan_path: Path, out: Path) -> None:
    """The spots have 0.98 and 0.78, both abnormal, and 0.59, normal."""
    assert read(scan_path, "--conf", "abnormal=0.9,normal=0.5").code == 0
    reading = load(out / "patient_ant.json")
    assert boxes_of(reading) == [SPOT_BOXES[0], SPOT_BOXES[2]]
    assert reading["model"]["confidence_threshold"] == 0.5
    assert reading["model"]["class_thresholds"] == {"abnormal": 0.9, "normal": 0.5}
    assert (reading["summary"]["n_abnormal"], reading["summary"]["n_normal"]) == (1, 1)


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
