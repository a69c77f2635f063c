"""The ceiling trains on every scan of the pool, and goes on where it was stopped."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from benchmarks.adapting import ceiling, scan_sets
from benchmarks.adapting.scan_sets import ScanSet
from bonescan_yolo.dataset.dataset_yaml import read_dataset


@pytest.fixture
def work(tmp_path: Path, scans: ScanSet) -> Path:
    """Return a folder with converted sets of two scans each, one in each part."""
    for name in (ceiling.POOL, ceiling.VAL):
        scan_sets.save(scan_sets.arrays_of(tmp_path, name), scans)
        folder = scan_sets.dataset_of(tmp_path, name)
        for part in ("train", "val"):
            (folder / "images" / part).mkdir(parents=True)
            (folder / "images" / part / f"{name}-{part}.png").touch()  # only listed here, not opened
        yaml = "names: [abnormal, normal]\ntrain: images/train\nval: images/val\n"
        (folder / "dataset.yaml").write_text(yaml, encoding="utf-8")
    return tmp_path


def test_both_parts_of_the_pool_are_trained_on(work: Path) -> None:
    dataset = read_dataset(ceiling.write_dataset(work))
    assert [image.name for image in dataset.images["train"]] == ["b_pool-train.png", "b_pool-val.png"]
    assert [image.name for image in dataset.images["val"]] == ["b_val-train.png", "b_val-val.png"]
    assert dataset.label_path(dataset.images["train"][1]).match("b_pool/labels/val/b_pool-val.txt")


def test_a_training_starts_goes_on_and_ends(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(subprocess, "run", lambda command, **_: commands.append(command))
    best = ceiling.train(work, Path("start.pt"), epochs=3)
    assert "--resume" not in commands[-1]
    assert commands[-1][commands[-1].index("--epochs") + 1] == "3"
    best.parent.mkdir(parents=True)
    (best.parent / "last.pt").touch()
    ceiling.train(work, Path("start.pt"), epochs=3)
    assert commands[-1][-1] == "--resume"
    (work / "ceiling" / "run.json").touch()
    assert ceiling.train(work, Path("start.pt"), epochs=3) == best
    assert len(commands) == 2
