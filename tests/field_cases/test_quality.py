"""Pictures that are no upright whole-body bone scan, as people have given them to detectors of bone scans."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom.data import get_testdata_file

from bonescan_yolo import Detector
from bonescan_yolo.commands import measure, predict
from bonescan_yolo.errors import ScanError
from tests.conftest import RunCommand
from tests.factories import nm_dataset, save, save_dicom
from tests.scan.quality.quality_pictures import blobs, body, grey

Grey = NDArray[np.uint8]


def scan(fill: float = 1.0) -> Grey:
    """Return a drawn scan of 1024 x 256 pixels."""
    return np.minimum(body(4) * fill, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("quarter_turns", "words"),
    [
        (1, "shows the body lying; turn it by 90 degrees clockwise (--turn 90)"),
        (3, "shows the body lying; turn it by 270 degrees clockwise (--turn 270)"),
        (2, "shows the body upside down; turn it by 180 degrees (--turn 180)"),
    ],
)
def test_a_lying_scan_is_refused_and_says_how_to_turn_it(
    run_command: RunCommand, model_path: Path, tmp_path: Path, quarter_turns: int, words: str
) -> None:
    """Row: scan lying (`rot90`): 6 to 7 abnormal boxes where the upright scan has 1, no word."""
    for number, upright in enumerate((scan(), 255 - scan(), body(4) * np.uint16(20), np.pad(scan(), 60))):
        path = save(tmp_path / f"{number}.png", np.ascontiguousarray(np.rot90(upright, quarter_turns)))
        outcome = run_command(predict.main, path, "--model", model_path, "--out", tmp_path / "out")
        assert (outcome.code, outcome.out) == (2, "")
        assert outcome.err == f"error: {path}: {words}, or read it anyway with --force\n"


@pytest.mark.parametrize(
    "picture",
    [
        np.hstack([scan(), scan()[:, ::-1]]),
        np.hstack([scan()[:, 40:216], scan()[:, 40:216]]),
        np.hstack([scan(), scan(), scan(3), scan(3)]),
        np.vstack([np.hstack([scan(), scan()])] * 2),
        np.vstack([scan(), scan()[::-1]]),
        np.pad(np.hstack([scan(), np.zeros((1024, 300), np.uint8), scan(2)]), ((120, 20), (200, 200))),
        255 - np.hstack([scan(2), scan(2)]),
    ],
    ids=["two", "two cut close", "four", "two by two", "mirrored below", "capture", "white"],
)
def test_several_views_in_one_picture_are_refused_with_that_sentence(
    run_command: RunCommand, model_path: Path, tmp_path: Path, picture: Grey
) -> None:
    """Row: both views side by side in one picture, four panels with text (screen captures): read as one view."""
    path = save(tmp_path / "1.png", np.ascontiguousarray(picture))
    outcome = run_command(predict.main, path, "--model", model_path, "--out", tmp_path / "out")
    assert outcome.code == 2
    assert "shows two bodies" in outcome.err
    assert "crop it to one view each, or read it anyway with --force" in outcome.err


def test_a_line_of_text_above_two_views_does_not_hide_them(tmp_path: Path) -> None:
    """Row: four panels with text."""
    captured = np.pad(np.hstack([scan(), scan(), scan(), scan()]), ((60, 0), (0, 0)))
    captured[15:35, 20:600:3] = 255
    with pytest.raises(ScanError, match="shows two bodies"):
        Detector()(captured)


def dashes() -> Grey:
    """Return noise as in some files of BS-80K: short bright dashes that thin out downwards."""
    draw = np.random.default_rng(2)
    starts = draw.random((1024, 256)) < 0.03 * np.clip(1.4 - np.arange(1024) / 600, 0, 1)[:, None]
    return np.where(starts | np.roll(starts, 1, axis=1), draw.integers(120, 256, starts.shape), 0).astype(np.uint8)


def photograph() -> Grey:
    """Return smooth texture all over."""
    small = np.random.default_rng(3).integers(60, 120, (48, 64), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((640, 480), Image.Resampling.BICUBIC))


@pytest.mark.parametrize(
    ("picture", "code"),
    [
        (dashes(), "noise"),
        (np.where(np.random.default_rng(1).random((1024, 256)) < 0.02, 255, 0).astype(np.uint8), "noise"),
        (photograph(), "no_air"),
        (np.random.default_rng(1).integers(0, 256, (512, 512), dtype=np.uint8), "no_air"),
        (blobs((60, 40, 34, 16), (60, 86, 34, 16)), "no_body"),
        (blobs((60, 44, 18, 10), (62, 86, 18, 10)), "no_body"),
        (blobs((64, 60, 20, 18)), "no_body"),
        (scan()[:360], "cropped"),
        ((scan() > 8).astype(np.uint8) * 255, "mask"),
    ],
    ids=["dashes", "specks", "photograph", "even noise", "lungs", "kidneys", "heart", "chest", "mask"],
)
def test_no_bone_scan_at_all_is_refused_unless_forced(
    run_command: RunCommand, model_path: Path, tmp_path: Path, picture: Grey, code: str
) -> None:
    """Row: no bone scan at all, photographs, lungs, noise: read, "0 abnormal"."""
    path = save(tmp_path / "1.png", picture)
    arguments = (path, "--model", model_path, "--out", tmp_path / "out")
    refused = run_command(predict.main, *arguments)
    assert (refused.code, refused.out) == (2, "")
    assert not (tmp_path / "out").exists()
    assert refused.err.startswith(f"error: {path}: ")
    forced = run_command(predict.main, *arguments, "--force")
    assert forced.code == 0
    assert forced.err.startswith(f"note: {path}: ")
    quality = json.loads((tmp_path / "out" / "1.json").read_text(encoding="utf-8"))["quality"]
    assert (quality["refused"], quality["doubts"][0]["code"]) == (True, code)


@pytest.mark.parametrize("name", ["JPEG2000.dcm", "JPEG-lossy.dcm", "CT_small.dcm", "MR_small.dcm"])
def test_other_images_of_pydicom_are_not_read_as_bone_scans(
    run_command: RunCommand, model_path: Path, tmp_path: Path, name: str
) -> None:
    path = get_testdata_file(name)
    assert isinstance(path, str)
    outcome = run_command(predict.main, path, "--model", model_path, "--out", tmp_path / "out", "--quiet")
    if name.startswith("JPEG"):  # whole-body bone scans of NEMA's samples
        assert "shows" not in outcome.err
    else:
        assert outcome.code == 2


def test_a_dynamic_study_of_small_frames_is_refused_frame_by_frame(
    run_command: RunCommand, model_path: Path, tmp_path: Path
) -> None:
    """Row: 12 frames DYNAMIC: read, "0 abnormal"."""
    frames = [blobs((64, 60 + frame, 20, 18)).astype(np.uint16) for frame in range(12)]
    path = save_dicom(tmp_path / "1.dcm", nm_dataset(frames))
    outcome = run_command(predict.main, path, "--model", model_path, "--out", tmp_path / "out")
    assert outcome.code == 2
    assert len(outcome.err.splitlines()) >= 1
    assert not (tmp_path / "out").exists()


def test_of_a_file_with_one_bad_frame_the_other_is_read_under_its_own_number(
    run_command: RunCommand, model_path: Path, tmp_path: Path
) -> None:
    lying_frame, good = np.rot90(np.pad(body(4), ((0, 0), (384, 384)))), np.pad(body(4), ((0, 0), (384, 384)))
    path = save_dicom(tmp_path / "1.dcm", nm_dataset([lying_frame, good], ["Anterior", "Posterior"]))
    for command, files in ((predict, {"1-2.json", "1-2.png"}), (measure, {"1-2.json", "1-2_mask.png"})):
        out = tmp_path / command.__name__
        outcome = run_command(command.main, path, "--model", model_path, "--out", out)
        assert outcome.code == 2
        assert outcome.err.startswith(f"error: {path} frame 1: shows the body lying")
        assert files <= {file.name for file in out.iterdir()}
        assert not (out / "1-1.json").exists()


def test_other_files_are_read_beside_a_refused_one(run_command: RunCommand, model_path: Path, tmp_path: Path) -> None:
    paths = [save(tmp_path / "scans" / "1.png", scan()), save(tmp_path / "scans" / "2.png", dashes())]
    outcome = run_command(predict.main, *paths, "--model", model_path, "--out", tmp_path / "out", "--no-picture")
    assert outcome.code == 2
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["1.json"]
    assert len(outcome.err.splitlines()) == 1


def test_a_doubt_is_one_line_on_the_screen_and_none_with_quiet(
    run_command: RunCommand, model_path: Path, tmp_path: Path
) -> None:
    path = save(tmp_path / "1.png", body(counts=0.5))
    arguments = (path, "--model", model_path, "--out", tmp_path / "out")
    for command in (predict, measure):
        outcome = run_command(command.main, *arguments)
        assert outcome.code == 0
        assert outcome.err.startswith(f"note: {path}: has ")
        assert len(outcome.err.splitlines()) == 1
        assert run_command(command.main, *arguments, "--quiet").err == ""


def test_the_detector_refuses_and_reads_by_force(model_path: Path) -> None:
    detector = Detector(model_path)
    with pytest.raises(ScanError, match=r"array: shows the body lying; .* or read it anyway with force=True"):
        detector(np.rot90(grey(2)))
    (reading,) = detector(np.rot90(grey(2)), force=True)
    assert reading.scan.quality.doubts[0].code == "lying"
    assert reading.scan.quality.refusal is not None
    (upright,) = detector(grey(2))
    assert (upright.scan.quality.doubts, upright.scan.quality.in_words) == ((), "")
