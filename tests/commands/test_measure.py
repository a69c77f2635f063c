"""The measuring command, as a user types it."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from bonescan_yolo.commands import measure as command
from bonescan_yolo.measure import measurements_json
from bonescan_yolo.measure.hot_spots import measure
from bonescan_yolo.measure.measurements_json import read_schema
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.scan import Scan
from tests.conftest import RunCommand
from tests.factories import SPOT_BOXES, count_scan, grey_scan, nm_dataset, save, save_dicom
from tests.shared.site_cases import put

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "ultralytics", "cv2", "scipy", "matplotlib", "pandas", "onnx", "yaml", "pydantic", "pycocotools")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def run(run_command: RunCommand, model_path: Path, out: Path) -> RunCommand:
    """Return a function that runs the command with the known network, writing to `out`."""
    return lambda *arguments: run_command(command.main, "--model", model_path, "--out", out, *arguments)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def load(path: Path) -> dict[str, Any]:
    content = load_json(path)
    jsonschema.validate(content, read_schema(), cls=jsonschema.Draft202012Validator)
    return content


def load_json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def studies(out: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((out / "studies.csv").read_text(encoding="utf-8").splitlines()))


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(read_schema())


def test_a_threshold_for_each_class(run: RunCommand, scan_path: Path, out: Path) -> None:
    assert run(scan_path, "--conf", "abnormal=0.9,normal=0.5").code == 0
    content = load(out / "patient_ant.json")
    assert [detection["box_xyxy"] for detection in content["detections"]] == [SPOT_BOXES[0], SPOT_BOXES[2]]
    assert content["model"]["class_thresholds"] == {"abnormal": 0.9, "normal": 0.5}
    assert len(content["measurements"]["hot_spots"]) == 2


def test_a_model_that_gives_sites(run: RunCommand, scan_path: Path, out: Path, map_of_bones: NDArray[np.uint8]) -> None:
    put(map_of_bones, "left_ribs_7", SPOT_BOXES[0])
    put(map_of_bones, "skull", SPOT_BOXES[2])
    assert run(scan_path).code == 0
    content = load(out / "patient_ant.json")
    assert content["model"]["gives_sites"] is True
    sites = [detection["site"] for detection in content["detections"]]
    assert [site and site["text"] for site in sites] == ["left seventh rib, anterior", None, "skull"]
    annotations = load_json(out / "hot_spots.coco.json")["annotations"]
    assert [annotation["site"] for annotation in annotations] == sites
    table = list(csv.DictReader((out / "regions.csv").read_text(encoding="utf-8").splitlines()))
    numbers = [(row["region"], row["n_abnormal"], row["n_normal"]) for row in table]
    assert numbers == [("skull", "0", "1"), ("left_ribs", "1", "0"), ("no_bone", "1", "0")]


def test_both_views_of_a_patient(run: RunCommand, scan_path: Path, tmp_path: Path, out: Path) -> None:
    other = save(tmp_path / "scans" / "patient_post.png", grey_scan())
    outcome = run(scan_path, other)
    assert (outcome.code, outcome.err) == (0, "")
    stems = ("patient_ant", "patient_post")
    written = [f"{stem}{ending}" for stem in stems for ending in (".json", "_mask.png", "_outlines.png")]
    assert names(out) == sorted([*written, "hot_spots.coco.json", "studies.csv"])
    content = load(out / "patient_ant.json")
    assert [detection["box_xyxy"] for detection in content["detections"]] == SPOT_BOXES
    measured = content["measurements"]
    assert measured["unit"] == "grey level"
    assert [spot["peak"] for spot in measured["hot_spots"]] == [250, 200, 150]
    assert {spot["area_mm2"] for spot in measured["hot_spots"]} == {None}
    numbers = np.asarray(Image.open(out / "patient_ant_mask.png"))
    areas = [spot["area_px"] for spot in measured["hot_spots"]]
    assert [int((numbers == number).sum()) for number in (1, 2, 3)] == areas
    (study,) = studies(out)
    assert (study["patient"], study["views"], study["n_abnormal"]) == ("patient", "anterior;posterior", "4")
    assert int(study["abnormal_area_px"]) == 2 * (areas[0] + areas[1])
    assert float(study["planar_burden"]) == pytest.approx(measured["abnormal_share_of_body"], abs=1e-5)
    assert "not the clinical Bone Scan Index" in outcome.out


def test_a_dicom_of_both_views_in_square_millimetres(run: RunCommand, tmp_path: Path, out: Path) -> None:
    dataset = nm_dataset([count_scan(), count_scan()], ["Anterior", "Posterior"], spacing=(2.0, 3.0))
    assert run(save_dicom(tmp_path / "wb.dcm", dataset)).code == 0
    measured = load(out / "wb-1.json")["measurements"]
    assert measured["unit"] == "counts"
    assert [spot["peak"] for spot in measured["hot_spots"]] == [1000, 1000, 1000]
    assert all(spot["area_mm2"] == 6 * spot["area_px"] for spot in measured["hot_spots"])
    (study,) = studies(out)
    assert float(study["abnormal_area_mm2"]) == 6 * int(study["abnormal_area_px"])


def test_both_frames_of_a_dicom_without_a_detector_vector_are_one_study(
    run: RunCommand, tmp_path: Path, out: Path
) -> None:
    dataset = nm_dataset([count_scan(), count_scan()], ["Anterior", "Posterior"])
    del dataset.DetectorVector
    assert run(save_dicom(tmp_path / "wb.dcm", dataset)).code == 0
    (study,) = studies(out)
    assert (study["patient"], study["views"]) == ("wb", "anterior;posterior")


def test_a_bad_file_is_one_line_and_the_others_are_measured(
    run: RunCommand, scan_path: Path, tmp_path: Path, out: Path
) -> None:
    (tmp_path / "bad.png").write_bytes(b"none")
    outcome = run(tmp_path / "bad.png", scan_path, tmp_path / "missing.png", "--quiet")
    assert (outcome.code, outcome.out) == (2, "")
    assert [line.startswith("error: ") for line in outcome.err.splitlines()] == [True, True]
    assert len(studies(out)) == 1


def test_a_link_to_itself_is_one_line(run: RunCommand, scan_path: Path, out: Path) -> None:
    link = scan_path.parent / "a.png"
    link.symlink_to(link.name)
    outcome = run(scan_path.parent)
    assert (outcome.code, outcome.err) == (
        2,
        f"error: {link}: is a link that leads back to itself; give the file itself\n",
    )
    assert len(studies(out)) == 1


def test_a_name_with_control_characters_stays_one_line(run: RunCommand, tmp_path: Path, out: Path) -> None:
    good = save(tmp_path / "scans" / "a\nb\x1b[31m.png", grey_scan())
    (tmp_path / "scans" / "c\rd.png").write_bytes(b"")
    outcome = run(tmp_path / "scans")
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert r"c\rd.png: is empty" in outcome.err
    assert outcome.out.count("\n") == 4  # header, scan, what the burden is, where the results are
    assert r"a_b\x1b[31m" in outcome.out
    assert load(out / "a_b_[31m.json")["scan"]["path"] == str(good)
    assert len((out / "studies.csv").read_text(encoding="utf-8").splitlines()) == 2


def test_a_name_of_240_bytes_is_measured(run: RunCommand, tmp_path: Path, out: Path) -> None:
    long = save(tmp_path / "scans" / f"{'é' * 118}.png", grey_scan())
    save(tmp_path / "scans" / "z.png", grey_scan())
    outcome = run(tmp_path / "scans")
    assert (outcome.code, outcome.err) == (0, "")
    assert len(studies(out)) == 2
    plain, mask, outlines = (name for name in names(out) if name.startswith("é"))
    assert max(len(name.encode()) for name in (mask, outlines, plain)) <= 255
    assert load(out / plain)["scan"]["path"] == str(long)
    assert (mask, outlines) == tuple(plain.replace(".json", ending) for ending in ("_mask.png", "_outlines.png"))


def test_a_subfolder_that_cannot_be_read_is_one_line_and_the_others_are_measured(
    run: RunCommand, scan_path: Path, tmp_path: Path, out: Path, lock_folder: Callable[[Path], None]
) -> None:
    locked = save(tmp_path / "scans" / "locked" / "2.png", grey_scan()).parent
    lock_folder(locked)
    outcome = run(tmp_path / "scans", "--quiet")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert outcome.err.startswith(f"error: {locked}: cannot be read (permission denied)")
    assert len(studies(out)) == 1


def test_nothing_readable_writes_nothing(run: RunCommand, tmp_path: Path, out: Path) -> None:
    assert run(tmp_path / "missing.png").code == 2
    assert not out.exists()


def test_the_folder_of_the_scans_is_not_written_into(
    run_command: RunCommand, scan_path: Path, model_path: Path
) -> None:
    outcome = run_command(command.main, scan_path, "--model", model_path, "--out", scan_path.parent)
    assert outcome.code == 2
    assert "holds the scans themselves" in outcome.err
    assert names(scan_path.parent) == [scan_path.name]


def test_a_blank_scan_is_refused(run: RunCommand, tmp_path: Path) -> None:
    outcome = run(save(tmp_path / "7.png", np.zeros((1024, 256), np.uint8)))
    assert outcome.code == 2
    assert "7.png: shows nothing" in outcome.err


def test_pixels_without_a_body(model_path: Path) -> None:
    detector = Detector(model_path)
    reading = detector.read(Scan(np.zeros((1024, 256), np.uint8)))
    measured = measurements_json.describe(measure(reading), detector)["measurements"]
    assert (measured["hot_spots"], measured["abnormal_share_of_body"], measured["body"]["midline"]) == ([], None, None)


def test_it_needs_no_more_than_reading(scan_path: Path, model_path: Path, out: Path) -> None:
    script = (
        "import sys\nfrom bonescan_yolo.commands import measure as command\ncode = command.main(sys.argv[1:])\n"
        f"print(code, sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    arguments = [sys.executable, "-c", script, str(scan_path), "--model", str(model_path), "--out", str(out)]
    done = subprocess.run(
        arguments, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.stdout.splitlines()[-1] == "0 []", done.stderr
