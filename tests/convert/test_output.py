"""What is written: a tree that Ultralytics reads, reports that repeat, an old conversion that survives."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from bonescan_yolo.commands.convert import main
from bonescan_yolo.convert import conversion_outcome, dataset_writer
from bonescan_yolo.convert.readers.bs80k import TITLE
from bonescan_yolo.errors import BonescanError

from .builders import GOOD, Bs80k, encode, pixels, voc


def run(source: Path, out: Path, *options: str) -> None:
    assert main(["bs80k", str(source), "--out", str(out), *options]) == 0


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return Bs80k(range(1, 31)).write(tmp_path / "in")


def test_every_image_has_a_label_file_and_a_line(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(source, out)
    lines = (out / "scans.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "image,split,patient,study,view,width,height,n_abnormal,n_normal,sha256"
    assert len(lines) == 61
    for line in lines[1:]:
        image, split, *_ = line.split(",")
        assert image.startswith(f"images/{split}/")
        assert (out / image).is_file()
        assert (out / image.replace("images", "labels", 1).replace(".jpg", ".txt")).is_file()
    described = yaml.safe_load((out / "dataset.yaml").read_text(encoding="utf-8"))
    assert described == {
        "source": TITLE,
        "train": "images/train",
        "val": "images/val",
        "test": "images/test",
        "channels": 1,
        "names": {0: "abnormal", 1: "normal"},
    }


def test_both_views_of_a_patient_fall_together_and_newcomers_move_nobody(source: Path, tmp_path: Path) -> None:
    run(source, tmp_path / "few")
    run(Bs80k(range(1, 41)).write(tmp_path / "more-in"), tmp_path / "more")
    where: list[dict[str, str]] = []
    for out in (tmp_path / "few", tmp_path / "more"):
        rows = [line.split(",") for line in (out / "scans.csv").read_text().splitlines()[1:]]
        for row in rows:
            assert {other[1] for other in rows if other[2] == row[2]} == {row[1]}
        where.append({row[0].split("/")[-1]: row[1] for row in rows})
    assert len(where[0]) == 60
    assert where[0].items() <= where[1].items()


def test_folds_cover_train_and_val_once(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(source, out, "--folds", "3")
    outside_test = {name for name in tree(out) if name.startswith(("images/train", "images/val"))}
    seen: list[str] = []
    for number in range(3):
        fold = yaml.safe_load((out / "folds" / f"fold-{number}.yaml").read_text(encoding="utf-8"))
        parts = {}
        for part in ("train", "val"):
            lines = (out / "folds" / fold[part]).read_text(encoding="utf-8").splitlines()
            parts[part] = {(out / "folds" / line).resolve().relative_to(out.resolve()).as_posix() for line in lines}
        assert parts["train"] | parts["val"] == outside_test
        train_ids = {Path(name).name.split("_")[0] for name in parts["train"]}
        assert not train_ids & {Path(name).name.split("_")[0] for name in parts["val"]}
        seen += parts["val"]
        assert (out / "folds" / fold["test"]).resolve() == (out / "images" / "test").resolve()
    assert sorted(seen) == sorted(outside_test)


def test_only_wrapped_scans_are_fixed_and_written_anew(tmp_path: Path) -> None:
    data = Bs80k()
    y, x = np.mgrid[:1024, :256]
    levels = pixels(1) + 600 * np.exp(-((x - 128) ** 2 + (y - 400) ** 2) / 50)
    data.files["wholeBodyANT/1.jpg"] = encode((levels % 256).astype(np.uint8))
    source = data.write(tmp_path / "in")
    run(source, tmp_path / "kept", "--keep-wrapped")
    run(source, tmp_path / "fixed", "--strict")
    kept = json.loads((tmp_path / "kept" / "convert_report.json").read_text())
    fixed = json.loads((tmp_path / "fixed" / "convert_report.json").read_text())
    assert kept["problem_counts"] == {"wraparound": 1}
    assert kept["wraparound"]["scans"] == fixed["wraparound"]["scans"] == 1
    assert (kept["wraparound"]["mended"], fixed["wraparound"]["mended"]) == (False, True)
    (written,) = (tmp_path / "fixed" / "images").rglob("1_anterior.png")
    assert np.asarray(Image.open(written))[397:403, 125:131].min() == 255
    others = {n: b for n, b in tree(tmp_path / "fixed" / "images").items() if n.endswith(".jpg")}
    assert len(others) == 5
    assert others.items() <= tree(tmp_path / "kept" / "images").items()


def test_an_old_conversion_survives_a_failed_one(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    run(source, out)
    before = tree(out)

    def full_disk(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(dataset_writer, "scans_csv", full_disk)
    with pytest.raises(BonescanError, match="no space left"):
        run(source, out, "--seed", "5")
    assert tree(out) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out"]


def test_a_lost_object_is_our_fault(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversion_outcome.Outcome, "objects_reported", property(lambda _: 1))
    with pytest.raises(RuntimeError, match="120 objects were read, 120 written and 1 reported"):
        run(source, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "message"), [("thesis.docx", "is not an earlier conversion"), ("notes.txt", "holds notes.txt beside")]
)
def test_a_folder_of_something_else_is_not_replaced(name: str, message: str, source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    if name == "notes.txt":
        run(source, out)
    out.mkdir(exist_ok=True)
    (out / name).write_text("mine")
    with pytest.raises(BonescanError, match=message):
        run(source, out)
    assert (out / name).read_text() == "mine"


def test_out_may_not_hold_the_source_nor_be_a_file(source: Path, tmp_path: Path) -> None:
    with pytest.raises(BonescanError, match="holds the source"):
        run(source, tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(BonescanError, match="is a file"):
        run(source, tmp_path / "file")


def test_out_inside_the_source_is_not_read_back(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(encode(pixels(1)))
    (tmp_path / "1.xml").write_text(voc([GOOD]))
    for _ in range(2):
        assert main(["voc", str(tmp_path), "--out", str(tmp_path / "out")]) == 0
    assert len((tmp_path / "out" / "scans.csv").read_text().splitlines()) == 2


def test_the_command_says_one_line_and_leaves_2(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bonescan_yolo.convert", "bs80k", "missing.zip", "--out", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "error: missing.zip: does not exist; give the downloaded zip file or its folder\n"


@pytest.mark.parametrize(
    "options", [["--folds", "1"], ["--folds", "-2"], ["--split", "80/10"]], ids=lambda options: options[0]
)
def test_wrong_options_get_one_line(options: list[str], source: Path, tmp_path: Path) -> None:
    with pytest.raises(BonescanError, match=options[0]):
        run(source, tmp_path / "out", *options)


def test_the_summary_is_printed_and_written(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(source, tmp_path / "out")
    printed = capsys.readouterr().out
    written = (tmp_path / "out" / "convert_report.txt").read_text(encoding="utf-8")
    assert printed.startswith(written)
    assert "2,924" in written
    assert "sample of BS-80K" in written
    assert "Objects: 120 read = 120 written + 0 left out" in written


def test_title_names_the_set_in_place_of_the_format(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(source, out, "--title", 'My "own"\nset')
    assert yaml.safe_load((out / "dataset.yaml").read_text())["source"] == 'My "own" set'
    content = json.loads((out / "convert_report.json").read_text())
    assert content["source"]["title"] == 'My "own" set'
    assert "published_by_view" not in content
    assert "published" not in (out / "convert_report.txt").read_text()
