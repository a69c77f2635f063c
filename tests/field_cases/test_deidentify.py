"""Never a name in a picture, and with --deidentify in no result at all."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bonescan_yolo.commands import measure, predict
from bonescan_yolo.files import sha256_of
from bonescan_yolo.predict.neutral_names import NeutralNames
from bonescan_yolo.predict.results import FORMATS
from tests.conftest import Outcome, RunCommand
from tests.factories import count_scan, grey_scan, nm_dataset, save, save_dicom

STUDY_UID, SERIES_UID = "1.2.826.0.1.3680043.8.498.777", "1.2.826.0.1.3680043.8.498.778"
SECRETS = ("Doe", "Jane", "Zebra", "Müller", "Hospital", "19500101", "20110816", "2011-08-16", STUDY_UID, SERIES_UID)
"""Parts of the names, ids and dates below; none is a part of what results say otherwise."""


@pytest.fixture
def scans(tmp_path: Path) -> list[Path]:
    """Return scans whose names, folders and headers say whose they are."""
    folder = tmp_path / "Hospital" / "Müller^Zebra"
    folder.mkdir(parents=True)
    dataset = nm_dataset([count_scan(), count_scan()], ["Anterior", "Posterior"])
    dataset.PatientName, dataset.PatientID, dataset.PatientBirthDate = "Doe^Jane", "ZEBRA4711", "19500101"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = STUDY_UID, SERIES_UID
    dataset.StudyDate, dataset.SeriesDescription, dataset.StudyID = "20110816", "WB Doe ZEBRA4711", "4711"
    dataset.ImageComments, dataset.InstitutionName = "Jane Doe 20110816", "Hospital"
    return [
        save_dicom(folder / "Doe_Jane_4711_20110816.dcm", dataset),
        save(folder / "Doe Jane 2011-08-16 ant.png", grey_scan()),
        save(folder / "Doe Jane 2011-08-16 post.png", grey_scan()),
        save(folder / "ZEBRA4711.png", grey_scan()),
    ]


def texts_of_png(content: bytes) -> Iterator[bytes]:
    """Yield the chunks of a PNG other than pixels, those that are compressed also as they are without."""
    place = 8
    while place < len(content):
        size, kind = int.from_bytes(content[place : place + 4], "big"), content[place + 4 : place + 8]
        chunk = content[place + 8 : place + 8 + size]
        if kind != b"IDAT":
            yield kind + chunk
        if kind in (b"zTXt", b"iTXt", b"eXIf", b"iCCP"):
            for start in range(len(chunk)):
                try:
                    yield zlib.decompress(chunk[start:])
                except zlib.error:
                    continue
        place += 12 + size


def secrets_in(out: Path, outcome: Outcome, secrets: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return which secrets are in which result: its path, its bytes, or what was printed."""
    contents: dict[str, bytes] = {"standard output": outcome.out.encode()}
    for path in sorted(path for path in out.rglob("*") if path.is_file()):
        name = path.relative_to(out).as_posix()
        content = path.read_bytes()
        is_png = content.startswith(b"\x89PNG")
        contents[name] = name.encode() + (b"".join(texts_of_png(content)) if is_png else content)
    return [
        (name, secret)
        for name, content in contents.items()
        for secret in secrets
        for form in (secret, json.dumps(secret)[1:-1])
        if form.lower().encode() in content.lower()
    ]


@pytest.mark.parametrize("form", FORMATS)
def test_no_result_of_predict_says_whose_it_is(
    run_command: RunCommand, model_path: Path, scans: list[Path], tmp_path: Path, form: str
) -> None:
    secrets = (*SECRETS, *(sha256_of(path) for path in scans))
    out = tmp_path / "out"
    arguments = ("--model", model_path, "--format", form, "--out", out)
    named = run_command(predict.main, *scans, *arguments)
    assert secrets_in(out, named, secrets)  # the search finds what is there
    out = tmp_path / "neutral"
    outcome = run_command(predict.main, *scans, *arguments[:-1], out, "--deidentify")
    assert (outcome.code, outcome.err) == (0, "")
    assert secrets_in(out, outcome, secrets) == []
    pictures = sorted(path.name for path in out.rglob("*.png"))
    assert [name[:9] for name in pictures] == ["scan-0001", "scan-0001", "scan-0002", "scan-0002", "scan-0003"]
    assert [view for view in ("anterior", "posterior") if f"scan-0002_{view}.png" in pictures] == [
        "anterior",
        "posterior",
    ]


def test_no_line_of_predict_says_whose_it_is(
    run_command: RunCommand, model_path: Path, scans: list[Path], tmp_path: Path
) -> None:
    arguments = (*scans, "--model", model_path, "--out", "-", "--deidentify")
    outcome = run_command(predict.main, *arguments)
    secrets = (*SECRETS, *(sha256_of(path) for path in scans))
    assert secrets_in(tmp_path / "none", outcome, secrets) == []
    lines = [json.loads(line)["scan"] for line in outcome.out.splitlines()]
    assert [(scan["path"], scan["frame"], scan["view"]) for scan in lines] == [
        ("scan-0001", 0, "anterior"),
        ("scan-0001", 1, "posterior"),
        ("scan-0002_anterior", 0, "anterior"),
        ("scan-0002_posterior", 0, "posterior"),
        ("scan-0003", 0, None),
    ]


def test_no_result_of_measure_says_whose_it_is(
    run_command: RunCommand, model_path: Path, scans: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "neutral"
    outcome = run_command(measure.main, *scans, "--model", model_path, "--out", out, "--deidentify")
    assert (outcome.code, outcome.err) == (0, "")
    secrets = (*SECRETS, *(sha256_of(path) for path in scans))
    assert secrets_in(out, outcome, secrets) == []
    rows = (out / "studies.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert [row.split(",")[:3] for row in rows] == [  # the true names have paired the views
        ["patient-0001", "anterior;posterior", "scan-0001"],
        ["patient-0002", "anterior;posterior", "scan-0002_anterior;scan-0002_posterior"],
        ["patient-0003", "unknown", "scan-0003"],
    ]


def test_a_file_keeps_its_number_if_another_cannot_be_read(
    run_command: RunCommand, model_path: Path, scans: list[Path], tmp_path: Path
) -> None:
    bad = tmp_path / "Doe.png"
    bad.write_bytes(b"no picture")
    out = tmp_path / "out"
    outcome = run_command(predict.main, bad, scans[1], "--model", model_path, "--out", out, "--deidentify")
    assert outcome.code == 2
    assert f"error: {bad}: " in outcome.err  # the terminal names the file, the results do not
    assert sorted(path.name for path in out.iterdir()) == ["scan-0002_anterior.json", "scan-0002_anterior.png"]
    assert secrets_in(out, outcome, SECRETS) == []


@pytest.mark.parametrize("main", [predict.main, measure.main], ids=["predict", "measure"])
@pytest.mark.parametrize("name", ["Doe^Jane_ant.png", "4711_19500101_ant.png", "Müller/ant.png", "x/患者_ant.png"])
def test_a_picture_is_the_same_whatever_its_scan_is_called(
    run_command: RunCommand, model_path: Path, tmp_path: Path, main: Callable[..., int], name: str
) -> None:
    pictures = []
    for number, path in enumerate((tmp_path / "a" / "ant.png", tmp_path / "b" / name)):
        out = tmp_path / f"out{number}"
        run_command(main, save(path, grey_scan()), "--model", model_path, "--out", out)
        pictures.append(sorted(picture.read_bytes() for picture in out.glob("*.png")))
    assert pictures[0] == pictures[1]


def test_neutral_names_keep_views_together_and_never_collide() -> None:
    files = ["a/7_ant.png", "a/8.png", "a/7_post.png", "b/7_ant.png", "a/7-ANT.png", "a/7 ANT.jpg", "a/7_POST.jpg"]
    names = NeutralNames([Path(file) for file in files])
    assert [path.name for path in names.files] == [
        "scan-0001_anterior",
        "scan-0002",
        "scan-0001_posterior",
        "scan-0003_anterior",
        "scan-0004_anterior",
        "scan-0005_anterior",
        "scan-0005_posterior",
    ]
    assert names.path(Path("a/8.png")) == Path("scan-0002")
    assert names.path(Path("new.png")) == Path("scan-0006")
