"""One training of an arm, by `bonescan train`."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

from bonescan_yolo.config import merged
from bonescan_yolo.files import write_text
from bonescan_yolo.train.run_record import RUN_FILE

HERE = Path(__file__).parent
ARMS, DESCRIPTIONS = HERE / "arms.yaml", HERE / "descriptions"


@dataclass(frozen=True)
class Run:
    """An arm and the seed of its training."""

    arm: str
    seed: int

    @property
    def file_stem(self) -> str:
        """Name of the run's files."""
        return f"{self.arm}-{self.seed}"


def settings_of(run: Run) -> dict[str, object]:
    """Return what differs from configs/train.yaml.

    Raises:
        KeyError: there is no such arm.
    """
    content = yaml.safe_load(ARMS.read_text(encoding="utf-8"))
    settings = merged(content["all"], content["arms"][run.arm] or {})
    model = str(settings["model"])
    if model.endswith(".yaml"):
        settings["model"] = str(DESCRIPTIONS / model)
    return {**settings, "seed": run.seed}


def train(work: Path, data: Path, run: Run) -> Path:
    """Train below `work`, or go on where it was stopped, and return the weights; a finished run is kept.

    Raises:
        subprocess.CalledProcessError: the training fails; its output says why.
    """
    out = work / "runs" / run.file_stem
    if not (out / RUN_FILE).is_file():
        command = [sys.executable, "-m", "bonescan_yolo", "train", "--out", str(out)]
        if (out / "weights" / "last.pt").is_file():
            command.append("--resume")
        else:
            config = work / "configs" / f"{run.file_stem}.yaml"
            write_text(config, yaml.safe_dump(settings_of(run)))
            command += ["--config", str(config), "--data", str(data)]
        subprocess.run(command, check=True)
    return out / "weights" / "best.pt"
