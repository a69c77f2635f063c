"""What reaches the terminal: one line of bounded length, without control characters, and nothing of libraries."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from bonescan_yolo import cli
from bonescan_yolo.errors import MOST_CHARACTERS, ScanError
from tests.factories import card_metadata, count_scan, grey_scan, make_model, nm_dataset, save, save_dicom

ESCAPES = "\x1b[2J\x1b]0;title\x07\x9b31m"


def test_a_message_has_at_most_600_characters_and_keeps_its_advice(capsys: pytest.CaptureFixture[str]) -> None:
    message = str(ScanError(f"{'a/' * 2000}x.png: is empty; copy it again from its source"))
    assert len(message) == MOST_CHARACTERS == 600
    assert message.endswith("x.png: is empty; copy it again from its source")
    cli.say("note: " + "x" * 1000, sys.stderr)
    assert len(capsys.readouterr().err) == MOST_CHARACTERS + 1


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bonescan_yolo", *arguments, "--model", str(folder / "model.onnx")],
        capture_output=True, text=True, check=False, cwd=folder, env={"PYTHONPATH": str(Path(__file__).parents[1])},
    )  # fmt: skip


@pytest.mark.parametrize("command", ["predict", "measure", "suggest"])
def test_escape_sequences_in_dicom_never_reach_the_terminal(tmp_path: Path, command: str) -> None:
    (tmp_path / "model.onnx").write_bytes(make_model(card_metadata()))
    (tmp_path / "in").mkdir()
    keywords = ("PatientID", "PatientOrientation", "PhotometricInterpretation", "Modality", "ImageType")
    for number, keyword in enumerate(keywords):
        dataset = nm_dataset([count_scan()], [f"Anterior{ESCAPES}"])
        dataset.add_new(keyword, "LO", ESCAPES)
        save_dicom(tmp_path / "in" / f"{number}{ESCAPES.replace('/', '')}.dcm", dataset)
    done = run(tmp_path, command, "in", "--out", "out")
    shown = (done.stdout + done.stderr).replace("\n", "")
    assert shown.isprintable()
    assert "\\x1b" in shown
    assert all(len(line) <= MOST_CHARACTERS for line in done.stderr.splitlines())


def test_libtiff_is_silent(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(make_model(card_metadata()))
    good = save(tmp_path / "good.tif", grey_scan(), compression="tiff_lzw").read_bytes()
    for number in range(4):
        place = 300 + 400 * number
        (tmp_path / f"{number}.tif").write_bytes(good[:place] + bytes(200) + good[place + 200 :])
    Image.fromarray(grey_scan()).save(tmp_path / "jpeg.tif", compression="jpeg")
    data = bytearray((tmp_path / "jpeg.tif").read_bytes())
    data[600:700] = b"\xff" * 100
    (tmp_path / "jpeg.tif").write_bytes(data)
    done = run(tmp_path, "predict", *(path.name for path in sorted(tmp_path.glob("*.tif"))), "--quiet", "--out", "out")
    assert all(line.startswith("error: ") for line in done.stderr.splitlines()), done.stderr
    assert done.stderr
