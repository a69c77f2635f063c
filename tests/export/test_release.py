"""The files of a run passed on: they reveal nothing about the machine, and can be tuned, exported and read with."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from bonescan_yolo.commands import export as export_module
from bonescan_yolo.commands import release as release_command
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.export import exporting
from bonescan_yolo.export import release_files as release_module
from bonescan_yolo.export.kinds.stock import export_stock
from bonescan_yolo.export.release_files import release
from bonescan_yolo.files import sha256_of
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.model.operating_points import OperatingPoints
from bonescan_yolo.model.points_file import write_points
from bonescan_yolo.model.rescoring import Rescoring
from bonescan_yolo.model.thresholds import Thresholds
from bonescan_yolo.train.run import start_run
from bonescan_yolo.train.run_record import read_card, read_trained_on
from bonescan_yolo.train.settings import shipped_config_with
from tests.export.factories import CALM_SPREAD, save_weights
from tests.factories import make_dataset

pytestmark = pytest.mark.slow

PRIVATE = "/home/somebody"

POINTS = OperatingPoints(Thresholds.both(0.2), Thresholds.both(0.4), Thresholds.both(0.6))
"""The thresholds of the released files."""


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_dataset(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, dataset: Path) -> Path:
    """A finished run as Ultralytics leaves one: its best weights are stripped, but describe the machine."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    (folder / "weights").mkdir(parents=True)
    best = save_weights(
        folder / "weights" / "best.pt", spread=CALM_SPREAD
    )  # prepares Ultralytics, which must come before its import
    import torch
    from ultralytics.utils import DEFAULT_CFG_DICT

    checkpoint = torch.load(best, weights_only=False)
    paths = {key: f"{PRIVATE}/{key}" for key in ("data", "project", "save_dir", "model", "pretrained", "resume")}
    checkpoint["train_args"] = {**DEFAULT_CFG_DICT, "task": "detect", "epochs": 7, "time": None, **paths}
    checkpoint["model"].args = dict(checkpoint["train_args"])
    checkpoint["model"].pt_path = f"{PRIVATE}/last.pt"
    torch.save(
        {
            **checkpoint,
            "date": "2024-12-31T23:59:59",
            "optimizer": {"state": torch.zeros(1000)},
            "git": {"root": f"{PRIVATE}/bonescan", "origin": "https://somebody:password@host/bonescan"},
        },
        best,
    )
    record = {"trained_on": "squares", "data": {"path": str(dataset)}, "weights": {"best": sha256_of(best)}}
    (folder / "run.json").write_text(json.dumps(record))
    return folder


@pytest.fixture(scope="module")
def released(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "weights"
    with pytest.MonkeyPatch.context() as patch:  # traced from the run's own file, which names folders of the machine
        patch.setattr(exporting, "export_stock", export_stock)
        release(run, out, thresholds=POINTS)
    assert {path.name for path in out.iterdir()} == {
        "bonescan.pt",
        "bonescan.onnx",
        "bonescan-app.onnx",
        "bonescan-app-int8.onnx",
    }
    return out


def test_weights_tell_what_they_are_and_nothing_of_the_machine(released: Path, run: Path) -> None:
    import torch

    path = released / "bonescan.pt"
    checkpoint = torch.load(path, weights_only=False)
    assert set(checkpoint) == {"epoch", "model", "train_args", "version", "license", "bonescan_yolo"}
    assert checkpoint["epoch"] == -1
    assert checkpoint["train_args"]["epochs"] == 7
    assert checkpoint["train_args"]["task"] == "detect"
    card = json.loads(checkpoint["bonescan_yolo"])
    assert (card["trained_on"], card["confidence"]) == ("squares", 0.4)
    assert read_trained_on(path) == "squares"
    with zipfile.ZipFile(path) as archive:
        pickled = next(archive.read(name) for name in archive.namelist() if name.endswith("data.pkl"))
    for private in (PRIVATE, "somebody", "2024", str(run.parent), str(Path.home())):
        assert private.encode() not in pickled
        for model in released.glob("*.onnx"):
            assert private.encode() not in model.read_bytes()


def test_weights_are_the_ones_of_the_run_in_16_bit(released: Path, run: Path) -> None:
    import torch

    ours, theirs = (
        torch.load(path, weights_only=False)["model"].state_dict()
        for path in (released / "bonescan.pt", run / "weights" / "best.pt")
    )
    assert list(ours) == list(theirs)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert {value.dtype for value in ours.values()} == {torch.float16, torch.int64}


@pytest.mark.usefixtures("traced_anew")
def test_releasing_again_writes_the_same_bytes(released: Path, run: Path, tmp_path: Path) -> None:
    release(run, tmp_path, thresholds=POINTS)
    for path in released.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def test_the_model_reads_with_its_own_threshold(released: Path, dataset: Path) -> None:
    for path in released.glob("*.onnx"):
        detector = Detector(path)
        assert (detector.confidence, detector.card.trained_on) == (0.4, "squares")
        assert (detector.card.operating_points, detector.operating_point) == (POINTS, "balanced")
        assert detector(dataset.parent / "images" / "val" / "2_anterior.png")
    assert sum(path.stat().st_size for path in released.iterdir()) < release_module.MAX_BYTES


@pytest.mark.usefixtures("traced_anew")
def test_weights_are_exported_without_their_run(released: Path, dataset: Path, tmp_path: Path) -> None:
    weights, out = released / "bonescan.pt", tmp_path / "model.onnx"
    with pytest.raises(BonescanError, match=r"has no run\.json that names its data set; give --data"):
        export_module.main([str(weights), "--out", str(out)])
    write_points(tmp_path / "points.json", POINTS)
    points = ["--operating-points", str(tmp_path / "points.json")]
    export_module.main([str(weights), "--out", str(out), "--data", str(dataset), "--half", *points])
    for suffix in ("", "-app", "-app-int8"):
        written = tmp_path / f"model{suffix}.onnx"
        assert written.read_bytes() == (released / f"bonescan{suffix}.onnx").read_bytes()


def test_weights_start_a_run_that_is_none_of_theirs(released: Path, dataset: Path, tmp_path: Path) -> None:
    import torch

    start = torch.load(released / "bonescan.pt", weights_only=False)["model"].state_dict()
    changes: dict[str, object] = {
        "data": dataset,
        "out": tmp_path / "run",
        "weights": str(released / "bonescan.pt"),
        "device": "cpu",
        "epochs": 1,
        "batch": 2,
        "plots": False,
        "learning_rate": 1e-9,
        "warmup_epochs": 0,
    }
    config = shipped_config_with(changes)
    best = start_run(config)
    tuned = torch.load(best, weights_only=False)
    torch.testing.assert_close(tuned["model"].state_dict()["model.0.conv.weight"], start["model.0.conv.weight"])
    assert "bonescan_yolo" not in tuned
    assert read_trained_on(best) != "squares"


def test_a_run_that_is_not_finished_or_not_its_own_is_refused(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(BonescanError, match="holds no finished run; train first"):
        release(tmp_path / "nowhere", out)
    copy = tmp_path / "run"
    (copy / "weights").mkdir(parents=True)
    (copy / "weights" / "best.pt").write_bytes(b"weights of an epoch after")
    with pytest.raises(BonescanError, match=r"holds no finished run; .* --resume"):
        release(copy, out)
    (copy / "run.json").write_bytes((run / "run.json").read_bytes())
    with pytest.raises(BonescanError, match=r"best\.pt: is not the file that run\.json describes"):
        release(copy, out)
    assert not out.exists()


def test_nothing_is_replaced_unless_all_files_are_sound(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bonescan.pt").write_bytes(b"the weights before")
    with pytest.raises(BonescanError, match="confidence 2"):
        release(run, tmp_path, thresholds=Thresholds.both(2))
    monkeypatch.setattr(release_module, "MAX_BYTES", 1_000_000)
    with pytest.raises(BonescanError, match=r"would have 2[12]\.\d MB, more than 1; train a smaller model"):
        release(run, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["bonescan.pt"]
    assert (tmp_path / "bonescan.pt").read_bytes() == b"the weights before"


def test_command_says_what_it_wrote(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--conf", "abnormal=0.3,normal=0.2", "--context", "0.5", "0.2"]
    assert release_command.main([str(run), "--out", str(tmp_path), *options]) == 0
    lines = capsys.readouterr().out.splitlines()
    names = [str(tmp_path / f"bonescan{suffix}.onnx") for suffix in ("", "-app", "-app-int8")]
    assert [line.split()[0] for line in lines] == ["file", *names]
    assert "scans: boxes within" in lines[1]
    detector = Detector(tmp_path / "bonescan-app.onnx")
    assert (detector.thresholds, detector.card.rescoring) == (Thresholds(0.3, 0.2), Rescoring(0.5, 0.2))
    assert read_card(tmp_path / "bonescan.pt").thresholds == Thresholds(0.3, 0.2)
