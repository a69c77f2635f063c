"""Whole adaptations: what they leave, going on after a kill, what is not kept, and what is refused at once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from bonescan_yolo import Detector
from bonescan_yolo.adapt import adapt_run, fold_figures, trainings
from bonescan_yolo.adapt.adapt_outcome import Kept
from bonescan_yolo.adapt.adapt_record import ADAPTATION, REPORT_FILE, STATE_FILE, WEIGHTS_FILE
from bonescan_yolo.adapt.adapted_weights import save_adapted
from bonescan_yolo.adapt.trainings import TRAININGS_FOLDER
from bonescan_yolo.commands import adapt as command
from bonescan_yolo.evaluate.bootstrap import Figure
from bonescan_yolo.evaluate.read_split import open_model
from bonescan_yolo.export.exporting import Export
from bonescan_yolo.files import sha256_of
from bonescan_yolo.model import weights_file
from bonescan_yolo.model.torch_network import load_network
from bonescan_yolo.output.run_folders import require_folder_for_run
from bonescan_yolo.phantom.generate import Order, generate
from bonescan_yolo.phantom.parameters import read_parameters
from bonescan_yolo.resources import shipped_weights
from tests.conftest import Outcome, RunCommand

pytestmark = pytest.mark.slow

RECIPE = """
steps: 1
batch: 1
replay_studies: 0
folds: 2
curve: [0.5]
curve_folds: 1
precision: fp32
augmentation: {crop: [128, 128]}
"""

Adapt = Callable[..., Outcome]


@pytest.fixture(scope="module")
def annotated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four simulated studies as BS-80K has them."""
    folder = tmp_path_factory.mktemp("annotated") / "scans"
    generate(folder, Order(4, 77, read_parameters()), workers=1)
    return folder


@pytest.fixture
def adapt(run_command: RunCommand, annotated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Adapt:
    """Return a function that runs the command without the ONNX files, with ten draws."""
    config = tmp_path / "recipe.yaml"
    config.write_text(RECIPE, encoding="utf-8")
    monkeypatch.setattr(fold_figures, "DRAWS", 10)
    monkeypatch.setattr(adapt_run, "write_adapted_files", lambda *_: Export((), None))
    monkeypatch.setattr(weights_file, "require_checkpoint", lambda *_: None)  # half of the time of loading
    return lambda *options, scans=annotated: run_command(
        command.main, scans, "--config", config, "--out", tmp_path / "run", *options
    )


def without(scans: Path, folder: Path, *studies: str) -> Path:
    """Copy scans without some studies."""
    ignored = shutil.ignore_patterns(*(f"{study}.{suffix}" for study in studies for suffix in ("jpg", "xml")))
    return Path(shutil.copytree(scans, folder, ignore=ignored))


def better(monkeypatch: pytest.MonkeyPatch, by: float) -> None:
    """Let the difference of the scores be a number."""
    own = fold_figures._summarised

    def with_score(samples: Any) -> Any:
        figures = own(samples)
        return {**figures, fold_figures.SCORE: Figure(by, by - 0.01, by + 0.01, "")}

    monkeypatch.setattr(fold_figures, "_summarised", with_score)


def record_of(run: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((run / "run.json").read_text())
    return record


def assert_refused(outcome: Outcome, message: str) -> None:
    assert outcome.code == 2
    assert outcome.err.strip().splitlines()[-1].startswith("error: ")
    assert message in outcome.err


def test_a_better_model_is_kept_with_files_that_read_scans(
    run_command: RunCommand, annotated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, run = tmp_path / "recipe.yaml", tmp_path / "run"
    config.write_text(RECIPE.replace("replay_studies: 0", "replay_studies: 1"), encoding="utf-8")
    monkeypatch.setattr(fold_figures, "DRAWS", 10)
    better(monkeypatch, 0.1)
    outcome = run_command(command.main, annotated, "--config", config, "--out", run)
    assert outcome.code == 0, outcome.err
    assert "annotations are read as bs80k" in outcome.err
    assert "fold 2: trained" in outcome.err
    assert "fold 1 with 2 scans for the learning curve: trained" in outcome.err
    assert "all scans: trained\n" in outcome.err
    words = "adapted on 8 scans of 4 patients"
    card = open_model(run / WEIGHTS_FILE).card
    assert card.trained_on.endswith(words)
    for name in ("adapted.onnx", "adapted-app.onnx"):
        detector = Detector(run / name)
        assert detector.card.trained_on == card.trained_on
        assert detector.card.thresholds == card.thresholds
    record = record_of(run)
    assert record["kept"] == "adapted weights"
    assert record["weights"]["best"] == sha256_of(run / WEIGHTS_FILE)
    assert record["trained_on"] == card.trained_on
    assert record["data"]["scans"] == 8
    assert record["thresholds"] == card.thresholds.as_record()
    assert [point["part"] for point in record["learning_curve"]] == [0.0, 0.5, 1.0]
    assert set(record["figures"]) == {
        "start",
        "start_at_own_thresholds",
        "start_by_thresholds",
        "adapted",
        "difference",
    }
    assert "# Adaptation to 8 scans of 4 patients" in (run / REPORT_FILE).read_text()
    assert not (run / TRAININGS_FOLDER).exists()
    require_folder_for_run(run, Path("scratch"), ADAPTATION)  # knows every file of it: another run may follow


def test_a_model_that_is_not_better_is_not_kept_and_that_is_said(
    adapt: Adapt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    better(monkeypatch, -0.1)
    outcome = adapt()
    assert outcome.code == 0
    assert "was not kept" in outcome.out
    assert not (tmp_path / "run" / "weights").exists()
    assert record_of(tmp_path / "run")["kept"] == "nothing"
    assert record_of(tmp_path / "run")["weights"] == {"best": None}


def test_the_start_model_with_better_thresholds_is_kept_in_its_place(
    adapt: Adapt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapt_run, "what_to_keep", lambda _: Kept.THRESHOLDS)
    outcome = adapt()
    assert outcome.code == 0
    assert "The files are bonescan.pt with thresholds chosen on your scans" in outcome.out
    run = tmp_path / "run"
    start, kept = open_model(shipped_weights()), open_model(run / WEIGHTS_FILE)
    assert kept.card.trained_on == f"{start.card.trained_on}; thresholds chosen on 8 scans of 4 patients"
    record = record_of(run)
    assert record["kept"] == "start weights with thresholds for these scans"
    assert record["thresholds"] == kept.card.thresholds.as_record()
    assert record["weights"]["best"] == sha256_of(run / WEIGHTS_FILE)
    weights, own = (load_network(path).state_dict() for path in (run / WEIGHTS_FILE, shipped_weights()))
    assert all(torch.equal(value, own[name]) for name, value in weights.items())


def test_a_stopped_run_goes_on_and_only_with_the_same_scans_and_recipe(
    adapt: Adapt, annotated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, save = tmp_path / "run", save_adapted

    def stop_at_the_second(network: Any, path: Path, card: Any) -> None:
        if path.name == "fold-2.pt":
            raise KeyboardInterrupt
        save(network, path, card)

    monkeypatch.setattr(trainings, "save_adapted", stop_at_the_second)
    stopped = adapt()
    assert (stopped.code, stopped.err.splitlines()[-1]) == (130, "stopped")
    assert sorted(path.name for path in run.iterdir()) == [STATE_FILE, "scans", TRAININGS_FOLDER]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    monkeypatch.setattr(trainings, "save_adapted", save)
    assert_refused(adapt("--seed", "1"), "holds a stopped run with another recipe")
    assert_refused(
        adapt(scans=without(annotated, tmp_path / "fewer", "4")), "holds a stopped run with other scans or annotations"
    )

    better(monkeypatch, 0.1)
    outcome = adapt()
    assert outcome.code == 0
    assert "fold 1: trained" not in outcome.err
    assert "fold 2: trained" in outcome.err
    assert record_of(run)["kept"] == "adapted weights"


def test_quick_has_no_folds_and_says_so_and_a_finished_run_is_kept_beside(adapt: Adapt, tmp_path: Path) -> None:
    outcome = adapt("--quick")
    assert outcome.code == 0
    assert "was not measured" in outcome.out
    assert "fold" not in outcome.err
    run = tmp_path / "run"
    assert record_of(run)["figures"] is None
    assert open_model(run / WEIGHTS_FILE).card.thresholds == open_model(shipped_weights()).card.thresholds
    assert open_model(run / WEIGHTS_FILE).card.operating_points is None
    assert record_of(run)["operating_points"] is None
    first = (run / WEIGHTS_FILE).read_bytes()
    assert adapt("--quick").code == 0
    assert (tmp_path / "run.previous" / WEIGHTS_FILE).read_bytes() == first
    assert (run / WEIGHTS_FILE).read_bytes() == first  # same scans, recipe and machine: same bytes


def test_what_a_user_keeps_in_the_folder_stays(adapt: Adapt, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.docx").write_text("years")
    assert_refused(adapt(), "is not an earlier adaptation")
    assert (tmp_path / "run" / "thesis.docx").read_text() == "years"


def test_scans_in_the_folder_of_the_run_are_refused(adapt: Adapt, tmp_path: Path) -> None:
    (tmp_path / "run" / "scans").mkdir(parents=True)
    (tmp_path / "run" / STATE_FILE).write_text("{}")
    assert_refused(adapt(scans=tmp_path / "run" / "scans"), "holds the annotated scans")


def test_what_cannot_be_used_is_refused_before_anything_is_written(
    adapt: Adapt, annotated: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "notes.md").write_text("nothing")
    assert_refused(adapt(scans=empty), "holds no annotations in a known format")
    assert_refused(adapt("--start", tmp_path / "none.pt"), "none.pt: does not exist")
    assert_refused(adapt(scans=without(annotated, tmp_path / "few", "3", "4")), "has 4 scans; give at least 5")
    assert not (tmp_path / "run").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
