"""The commands that are disturbed, and the folder in which each runs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.convert.builders import pixels
from tests.factories import card_metadata, grey_scan, make_dataset, make_model, save
from tests.fuzz.conversions import OBJECTS

SCANS: Final = 12
ROOT: Final = Path(__file__).parents[2]


@dataclass(frozen=True)
class FaultCase:
    """A command.

    Attributes:
        name: As typed.
        arguments: Of `bonescan`, in the folder.
        prepare: Writes the command's input into a folder.
        out: What it writes, relative to the folder.
        grows: Names of files that hold what is done while the command runs.
        result: Name of the file that a run leaves if two runs do not write the same bytes; None: they do.
    """

    name: str
    arguments: tuple[str, ...]
    prepare: Callable[[Path], None]
    out: str = "out"
    grows: tuple[str, ...] = ()
    result: str | None = None


def make_scans(folder: Path) -> None:
    for number in range(SCANS):
        save(folder / "in" / f"{number}_anterior.png", grey_scan(greys=(250, 200, 100 + number)))
    (folder / "model.onnx").write_bytes(make_model(card_metadata()))


def make_annotated(folder: Path, scans: int = 4 * SCANS) -> None:
    lines = ["path,frame,class,x1_px,y1_px,x2_px,y2_px"]
    for number in range(scans):
        save(folder / "in" / f"{number}_anterior.png", pixels(number))
        lines += [f"{number}_anterior.png,0,{name},{','.join(map(str, corners))}" for name, corners in OBJECTS]
    (folder / "in" / "boxes.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def make_nothing(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)


def make_weights(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "weights" / "bonescan.pt", folder / "model.pt")


def make_training(folder: Path) -> None:
    make_weights(folder)
    make_dataset(folder / "in")


def make_adapting(folder: Path) -> None:
    make_annotated(folder, scans=6)
    steps = "steps: 1\nbatch: 1\nreplay_studies: 0\nfolds: 2\ncurve: []\naugmentation: {crop: [128, 128]}\n"
    (folder / "recipe.yaml").write_text(steps, encoding="utf-8")


def _predict(form: str, *grows: str) -> FaultCase:
    arguments = ("predict", "in", "--out", "out", "--model", "model.onnx", "--format", form, "--quiet")
    return FaultCase(f"predict-{form}", arguments, make_scans, grows=grows)


CASES: Final = {
    case.name: case
    for case in (
        FaultCase("convert", ("convert", "csv", "in", "--out", "out"), make_annotated),
        FaultCase("simulate", ("simulate", "--studies", "2", "--out", "out"), make_nothing),
        _predict("json"),
        _predict("csv", "detections.csv"),
        _predict("coco", "detections.json"),
        FaultCase(
            "measure",
            ("measure", "in", "--out", "out", "--model", "model.onnx", "--quiet"),
            make_scans,
            grows=("studies.csv", "hot_spots.coco.json"),
        ),
        FaultCase("suggest", ("suggest", "in", "--out", "out", "--model", "model.onnx", "--number", "5"), make_scans),
        FaultCase("export", ("export", "model.pt", "--data", "in/dataset.yaml", "--out", "out/x.onnx"), make_training),
        FaultCase(
            "train",
            ("train", "--data", "in/dataset.yaml", "--weights", "model.pt", "--profile", "demo", "--epochs", "1",
             "--batch", "2", "--device", "cpu", "--out", "out"),
            make_training,
            result="best.pt",
        ),
        FaultCase(
            "adapt",
            ("adapt", "in", "--config", "recipe.yaml", "--out", "out"),
            make_adapting,
            result="run.json",
        ),
    )
}  # fmt: skip
