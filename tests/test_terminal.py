"""What reaches the terminal: one line of bounded length, without control characters, and nothing of libraries."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms, TiffImagePlugin

from bonescan_yolo import cli
from bonescan_yolo.errors import MOST_CHARACTERS, ScanError
from tests.factories import (
    HEIGHT,
    WIDTH,
    card_metadata,
    count_scan,
    grey_scan,
    make_model,
    nm_dataset,
    save,
    save_dicom,
)

ESCAPES = "\x1b[2J\x1b]0;title\x07\x9b31m"


def test_a_message_has_at_most_600_characters_and_keeps_its_advice(capsys: pytest.CaptureFixture[str]) -> None:
    message = str(ScanError(f"{'a/' * 2000}x.png: is empty; copy it again from its source"))
    assert len(message) == MOST_CHARACTERS == 600
    assert message.endswith("x.png: is empty; copy it again from its source")
    cli.say("note: " + "x" * 1000, sys.stderr)
    assert len(capsys.readouterr().err) == MOST_CHARACTERS + 1


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return command(folder, *arguments, "--model", str(folder / "model.onnx"))


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bonescan_yolo", *arguments],
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


def noisy_scan(seed: int) -> NDArray[np.uint8]:
    """Return a scan of more grey levels than a drawing has."""
    noise = np.random.default_rng(seed).integers(0, 40, (HEIGHT, WIDTH)).astype(np.uint8)
    return np.maximum(grey_scan(), noise)


def test_names_in_annotations_cannot_control_the_terminal(tmp_path: Path) -> None:
    rows = ["path,frame,class,x1_px,y1_px,x2_px,y2_px"]
    for number, name in enumerate(("Abnormal", "Normal", f"nidus{ESCAPES}", f"Abnormal{ESCAPES}")):
        save(tmp_path / "in" / f"{number}_anterior.png", noisy_scan(number))
        rows.append(f"{number}_anterior.png,0,{name},100,100,120,120")
    rows.append(f"{ESCAPES}.png,0,Normal,100,100,120,120")
    (tmp_path / "in" / "boxes.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    done = command(tmp_path, "convert", "csv", "in", "--out", "out")
    assert done.returncode == 0, done.stderr
    assert "nidus" in done.stdout
    assert (done.stdout + done.stderr).replace("\n", "").isprintable()


def test_libraries_say_nothing_of_pictures_that_are_converted(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()  # not for grey: libpng warns
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[65000] = "unknown to libtiff"
    save(tmp_path / "in" / "1_anterior.png", noisy_scan(1), icc_profile=profile)
    save(tmp_path / "in" / "2_anterior.tif", noisy_scan(2), tiffinfo=tags)
    rows = ["path,frame,class,x1_px,y1_px,x2_px,y2_px"]
    rows += [f"{name},0,Normal,100,100,120,120" for name in ("1_anterior.png", "2_anterior.tif")]
    (tmp_path / "in" / "boxes.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    done = command(tmp_path, "convert", "csv", "in", "--out", "out")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
