"""What a new run may move or replace: earlier runs. What a user keeps in its way stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bonescan_yolo.commands import train as command
from bonescan_yolo.train import run
from bonescan_yolo.train.network_choice import NETWORK_FILE
from bonescan_yolo.train.settings import CONFIG_FILE
from tests.conftest import Outcome, RunCommand
from tests.factories import make_dataset

SHIPPED = Path(__file__).parents[2] / "configs" / "train.yaml"
LONGEST_NAME = 255
"""Bytes in a name, on most file systems."""

Train = Callable[..., Outcome]


@pytest.fixture
def train(run_command: RunCommand, small_dataset: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Train:
    """Return a function that runs the command in tmp_path/work, without the training itself."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setattr(run, "_train", lambda config, dataset, arguments: config.out / "weights" / "best.pt")
    return lambda *options: run_command(command.main, "--config", SHIPPED, "--data", small_dataset, *options)


def put(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{name} in {folder.name}")
    return folder


def put_run(folder: Path) -> Path:
    """A run that was stopped half-way."""
    return put(folder, CONFIG_FILE, "weights/last.pt")


def content(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def assert_refused(outcome: Outcome, message: str) -> None:
    assert outcome.code == 2
    assert outcome.err.count("\n") == 1
    assert message in outcome.err


def test_a_run_that_was_stopped_is_kept_in_place_of_the_one_before(train: Train, tmp_path: Path) -> None:
    put_run(tmp_path / "run")
    put(put_run(tmp_path / "run.previous"), "run.json", "weights/best.pt")
    assert train("--out", tmp_path / "run").code == 0
    assert content(tmp_path / "run.previous") == {
        CONFIG_FILE: f"{CONFIG_FILE} in run",
        "weights/last.pt": "weights/last.pt in run",
    }
    assert sorted(content(tmp_path / "run")) == [NETWORK_FILE, CONFIG_FILE]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run", "run.previous", "work"]


def test_a_run_that_ended_before_its_first_epoch_replaces_no_earlier_one(train: Train, tmp_path: Path) -> None:
    put(put_run(tmp_path / "run.previous"), "run.json", "weights/best.pt")
    put(tmp_path / "run", CONFIG_FILE)
    (tmp_path / "run" / "weights" / "epochs").mkdir(parents=True)
    before = content(tmp_path / "run.previous")
    assert train("--out", tmp_path / "run").code == 0
    assert content(tmp_path / "run.previous") == before


def test_words_of_a_foreign_data_set_cannot_control_the_terminal(train: Train, tmp_path: Path) -> None:
    yaml = make_dataset(tmp_path / "data")
    yaml.write_text(yaml.read_text() + 'source: "\\e[2Jnot ours\\n"\n')
    outcome = train("--data", yaml, "--out", tmp_path / "run")
    assert outcome.code == 0
    assert "on \\x1b[2Jnot ours\\n (" in outcome.err
    assert outcome.err.count("\n") == 1


def test_what_make_demo_and_a_killed_process_leave_in_a_run_is_part_of_it(train: Train, tmp_path: Path) -> None:
    left = ("bonescan-app.onnx", "predict/7_anterior.png", "predict/7_anterior.json", "weights/last.part")
    for _ in range(2):
        put(put_run(tmp_path / "run"), *left, "weights/epochs/.0003.pt.x_1.part", ".run.json.ab.part")
        assert train("--out", tmp_path / "run").code == 0
    assert content(tmp_path / "run.previous").keys() >= {CONFIG_FILE, *left}


@pytest.mark.parametrize(
    ("mine", "message"),
    [
        (["run/weights/model.pt", "run/notes.txt"], "run: is not empty and is not an earlier training run"),
        (["run/weights/model.pt"], "run: is not empty and is not an earlier training run"),
        (["run/notes.txt"], "run: is not empty and is not an earlier training run"),
        ([f"run/{CONFIG_FILE}", "run/notes.txt"], "run: holds notes.txt beside an earlier training run"),
        ([f"run/{CONFIG_FILE}", "run/weights/mine.pt"], "run/weights: holds mine.pt beside an earlier training run"),
        ([f"run/{CONFIG_FILE}", "run/predict/a.docx"], "run/predict: holds a.docx beside an earlier training run"),
        (["run"], "run: is a file; choose another --out"),
    ],
)
def test_a_folder_of_the_users_is_neither_moved_nor_written_into(
    train: Train, tmp_path: Path, mine: list[str], message: str
) -> None:
    put(tmp_path, *mine)
    put_run(tmp_path / "run.previous")
    before = content(tmp_path)
    assert_refused(train("--out", tmp_path / "run"), message)
    assert content(tmp_path) == before


@pytest.mark.parametrize(
    ("mine", "message"),
    [
        (["run.previous/weights/model.pt"], "run.previous: is not empty and is not an earlier training run"),
        (["run.previous/thesis.docx"], "run.previous: is not empty and is not an earlier training run"),
        (
            [f"run.previous/{CONFIG_FILE}", "run.previous/weights/epochs/mine.pt"],
            "run.previous/weights/epochs: holds mine.pt beside an earlier training run",
        ),
        (["run.previous"], "run.previous: is a file; choose another --out"),
    ],
)
def test_a_folder_of_the_users_is_not_replaced_by_an_earlier_run(
    train: Train, tmp_path: Path, mine: list[str], message: str
) -> None:
    put_run(tmp_path / "run")
    put(tmp_path, *mine)
    before = content(tmp_path)
    assert_refused(train("--out", tmp_path / "run"), message)
    assert content(tmp_path) == before


def test_a_new_run_needs_no_place_for_an_earlier_one(train: Train, tmp_path: Path) -> None:
    mine = put(tmp_path / "run.previous", "thesis.docx")
    (tmp_path / "run").mkdir()
    assert train("--out", tmp_path / "run").code == 0
    assert list(content(mine)) == ["thesis.docx"]


@pytest.mark.parametrize("out", [".", "./", "..", "inner/..", "link", "{}"])
def test_a_folder_that_cannot_be_moved_is_the_users_mistake(train: Train, tmp_path: Path, out: str) -> None:
    put(tmp_path / "work", "weights/mine.pt", "inner/mine.txt")
    (tmp_path / "work" / "link").symlink_to(tmp_path)
    before = content(tmp_path)
    assert_refused(train("--out", out.format(tmp_path)), "is the working folder, a folder above it or a whole disk")
    assert content(tmp_path) == before


@pytest.mark.parametrize("length", [250, 300])
def test_a_name_that_leaves_no_room_for_previous_loses_nothing(train: Train, tmp_path: Path, length: int) -> None:
    out = tmp_path / ("r" * length)
    if length <= LONGEST_NAME:
        put_run(out)
    before = content(tmp_path)
    assert_refused(train("--out", out), "ile name too long")
    assert content(tmp_path) == before


@pytest.mark.parametrize("folder", ["run", "run.previous"])
def test_a_run_does_not_replace_what_it_starts_from(train: Train, tmp_path: Path, folder: str) -> None:
    for name in ("run", "run.previous"):
        put_run(tmp_path / name)
    start = put(tmp_path / folder, "weights/best.pt") / "weights" / "best.pt"
    before = content(tmp_path)
    assert_refused(train("--out", tmp_path / "run", "--weights", start), "best.pt: is in an earlier run that this one")
    assert content(tmp_path) == before


def test_runs_that_cannot_be_moved_stay_where_they_are(
    train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, previous = put_run(tmp_path / "run"), put_run(tmp_path / "run.previous")
    before = content(tmp_path)
    replace = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if self == out:
            raise PermissionError(13, "Permission denied", str(self))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    assert_refused(train("--out", out), f"{previous}: cannot be written (permission denied)")
    assert content(tmp_path) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run", "run.previous", "work"]
