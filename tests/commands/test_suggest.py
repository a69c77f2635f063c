"""The suggesting command, as a user types it."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from bonescan_yolo.commands import convert, suggest
from bonescan_yolo.dataset.yolo_labels import read_labels
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.predict.results import TO_CORRECT, Format
from bonescan_yolo.scan.read import read_scans
from tests.commands.predicting import names, names_below
from tests.conftest import RunCommand
from tests.factories import count_scan, grey_scan, nm_dataset, save, save_dicom

ANNOTATIONS = {"labelme": "", "cvat": "annotations.xml", "label-studio": "tasks.json"}
"""What `convert` is given of the folder; nothing is the folder itself."""

TOLERANCE_PX = 0.01


@pytest.fixture
def run(run_command: RunCommand, model_path: Path, out: Path) -> RunCommand:
    """Return a function that runs the command with the known network, writing to `out`."""
    return lambda *arguments: run_command(suggest.main, "--model", model_path, "--out", out, *arguments)


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """Return a folder with both views of three patients, and a DICOM file with those of a fourth."""
    folder = tmp_path / "scans"
    for number, column in enumerate((2, 4, 12)):
        for view, row in (("ant", 10), ("post", 30)):
            pixels = grey_scan([(column, row), (7, 20 + number)], [120 + 30 * number, 90])
            save(folder / f"{number}_{view}.png", with_levels(pixels))
    frames = [with_levels(count_scan(spot=spot)) for spot in (300, 400)]
    save_dicom(folder / "wb.dcm", nm_dataset(frames, ["Anterior", "Posterior"]))
    return folder


def with_levels(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return a scan whose body has as many levels as a scan has: `convert` takes one of a few for a drawing."""
    step = 1 if pixels.dtype == np.uint8 else 5  # counts: half of a body's in all
    levels = step * (np.arange(pixels.shape[1]) % 16)
    return np.where(pixels > 0, pixels + levels, 0).astype(pixels.dtype)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("form", TO_CORRECT)
def test_what_is_suggested_comes_back_through_convert(
    run: RunCommand, run_command: RunCommand, scans: Path, model_path: Path, form: Format
) -> None:
    out, data = scans.parent / "out", scans.parent / "data"
    done = run(scans, "--number", 4, "--format", form, "--quiet")
    assert (done.code, done.out, done.err) == (0, "", "")
    rows = table(out / "suggested.csv")
    assert [row["rank"] for row in rows] == ["1", "2", "3", "4"]
    images = out / "images" if form == "cvat" else out
    source = out / ANNOTATIONS[form]
    converted = run_command(convert.main, form, source, "--images", images, "--out", data, "--split", "100/0/0")
    assert converted.code == 0, converted.err
    assert [row["patient"] for row in table(data / "scans.csv")] == sorted(row["patient"] for row in rows)
    for row in rows:
        stem = Path(row["picture"]).stem
        scan = read_scans(row["file"])[int(row["frame"])]
        found = Detector(model_path).read(scan)
        boxes, classes = read_labels(data / "labels" / "train" / f"{stem}.txt", scan.width, scan.height)
        assert len(found.boxes)
        order, own = np.lexsort(boxes.T), np.lexsort(found.boxes.T)
        np.testing.assert_allclose(boxes[order], found.boxes[own], atol=TOLERANCE_PX)
        assert classes[order].tolist() == found.classes[own].tolist()
        assert np.array_equal(np.asarray(Image.open(images / row["picture"])), scan.grey())


def test_what_is_shown_to_the_user_has_no_part_in_the_choice(run: RunCommand, scans: Path, out: Path) -> None:
    tables = []
    for confidence in (0.1, 0.9):
        assert run(scans, "--number", 4, "--conf", confidence).code == 0
        tables.append(table(out / "suggested.csv"))
        shutil.rmtree(out)
    assert tables[0] == tables[1]


def test_a_line_per_scan_says_why(run: RunCommand, scans: Path, out: Path) -> None:
    done = run(scans, "--number", 3)
    header, *lines, where = done.out.splitlines()
    assert header.split() == ["rank", "picture", "why"]
    assert len(lines) == 4  # studies are not split
    assert "other view of the scan before" in lines[1]
    assert where == f"4 of 8 scans in {out}; research software, not a medical device."
    assert {row["patient"] for row in table(out / "suggested.csv")[:2]} == {lines[0].split()[1].split("_")[0]}


def test_the_table_is_not_taken_for_annotations(
    run: RunCommand, run_command: RunCommand, scans: Path, out: Path
) -> None:
    """It is in the folder that the user gives to `convert`, and some names of scans come after it."""
    run(scans, "--number", 100)
    for path in out.glob("[012]_*"):
        path.unlink()
    done = run_command(convert.main, "voc", out, "--out", out.parent / "data")
    assert done.code == 2
    assert "wb_anterior.json looks like labelme" in done.err


def test_label_studio_is_given_the_name_that_the_folder_has_in_the_end(run: RunCommand, scans: Path, out: Path) -> None:
    run(scans, "--format", "label-studio")
    assert '"/data/local-files/?d=out/0_ant.png"' in (out / "tasks.json").read_text(encoding="utf-8")


def test_the_same_scans_give_the_same_bytes(run: RunCommand, scans: Path, out: Path, tmp_path: Path) -> None:
    run(scans)
    first = {name: (out / name).read_bytes() for name in names_below(out)}
    out.rename(tmp_path / "first")
    run(scans)
    assert {name: (out / name).read_bytes() for name in names_below(out)} == first


def test_corrected_boxes_are_never_replaced(run: RunCommand, scans: Path, out: Path) -> None:
    run(scans)
    corrected = out / "0_ant.json"
    corrected.write_text("corrected", encoding="utf-8")
    done = run(scans)
    assert done.code == 2
    assert done.err.startswith(f"error: {out}: is not empty, and boxes corrected there would be replaced")
    assert corrected.read_text(encoding="utf-8") == "corrected"


def test_what_cannot_be_suggested_is_listed_with_the_reason(run: RunCommand, scans: Path, out: Path) -> None:
    save(scans / "down.png", grey_scan()[:300])
    save(scans / "copy_ant.png", np.asarray(Image.open(scans / "0_ant.png")))
    (scans / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    done = run(scans, "--number", 100)
    assert done.code == 2  # a file could not be read
    assert [line.split(":")[0] for line in done.err.splitlines()] == ["error"]
    assert "broken.png" in done.err
    reasons = {Path(row["file"]).name: row["reason"] for row in table(out / "left_out.csv")}
    assert set(reasons) == {"down.png", "copy_ant.png", "broken.png"}
    assert reasons["copy_ant.png"] == f"shows the same pixels as {scans / '0_ant.png'}"
    assert len(table(out / "suggested.csv")) == 8
    assert "3 left out, see left_out.csv" in done.out


def test_annotated_scans_are_not_suggested_again(run: RunCommand, scans: Path, out: Path, tmp_path: Path) -> None:
    """The PNG that was written for the tool is known to be the frame of the DICOM file."""
    run(scans, "--number", 8)
    annotated = out.rename(tmp_path / "annotated")
    for path in annotated.glob("[012]_*"):
        path.unlink()
    assert names(annotated) == [
        "suggested.csv", "wb_anterior.json", "wb_anterior.png", "wb_posterior.json", "wb_posterior.png",
    ]  # fmt: skip
    done = run(scans, "--number", 8, "--annotated", annotated)
    assert done.code == 0, done.err
    assert {row["patient"] for row in table(out / "suggested.csv")} == {"0", "1", "2"}
    left_out = table(out / "left_out.csv")
    assert [(Path(row["file"]).name, row["reason"]) for row in left_out] == [("wb.dcm", "is annotated already")] * 2


def test_nothing_left_to_suggest_is_one_line(run: RunCommand, scan_path: Path, out: Path) -> None:
    done = run(scan_path, "--annotated", scan_path.parent)
    assert done.code == 2
    assert done.err.startswith(f"error: {scan_path}: has no scan left to suggest")
    assert not out.exists()


@pytest.mark.parametrize("number", ["0", "-3", "many"])
def test_a_number_below_one_is_refused(run: RunCommand, scan_path: Path, number: str) -> None:
    assert run(scan_path, f"--number={number}").code == 2
