"""What is available: the default model, the YAML files of the settings, the processor's cores.

An installed wheel has the model, its weights and the YAML files inside the package, in `bonescan_yolo/weights` and
`.../configs`. In a checkout they are in the folders of the same names beside it.
"""

from __future__ import annotations

import math
import os
from pathlib import Path

from bonescan_yolo.errors import BonescanError, ModelError, SettingsError

PACKAGE = Path(__file__).parent
MODEL_NAME = "bonescan-app.onnx"
WEIGHTS_NAME = "bonescan.pt"
CPU_QUOTA = Path("/sys/fs/cgroup/cpu.max")
"""Where Linux keeps the processor time that a container may use: microseconds and period, or `max` (cgroup v2)."""

CPU_QUOTA_V1 = Path("/sys/fs/cgroup/cpu/cpu.cfs_quota_us")
CPU_PERIOD_V1 = Path("/sys/fs/cgroup/cpu/cpu.cfs_period_us")
"""The same on older systems (cgroup v1), in two files; a quota of -1 means no limit."""


def shipped_model() -> Path:
    """Return the path of the default model.

    Raises:
        ModelError: it is missing.
    """
    return _find(
        Path("weights") / MODEL_NAME,
        "install the package again, or give --model, such as weights/finetuned-app.onnx of `make export` "
        "or runs/demo/bonescan-app.onnx of `make demo`",
        ModelError,
    )


def shipped_weights() -> Path:
    """Return the path of the default model's .pt file, to fine-tune from.

    Raises:
        ModelError: it is missing.
    """
    return _find(
        Path("weights") / WEIGHTS_NAME,
        "install the package again, or give --start, such as runs/train/weights/best.pt",
        ModelError,
    )


def shipped_config(name: str) -> Path:
    """Return the path of a YAML file of `configs/`, such as `train.yaml`.

    Raises:
        SettingsError: it is missing.
    """
    return _find(Path("configs") / name, "install the package again", SettingsError)


def core_count() -> int:
    """Return how many processor cores this process may use, at least 1.

    It may be limited to some of them (affinity), or to a part of their time (a container's quota, cgroup v2 or v1).
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    quotas = [math.ceil(quota) for quota in (_quota(CPU_QUOTA), _quota(CPU_QUOTA_V1, CPU_PERIOD_V1)) if quota > 0]
    return max(1, min([cores, *quotas]))


def _quota(*files: Path) -> float:
    """Return the cores' worth of time that files grant, as two numbers; 0 if they do not exist or set no limit."""
    try:
        quota, period = " ".join(path.read_text(encoding="ascii") for path in files).split()
        return int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):  # no such container, or no limit: "max 100000"
        return 0.0


def _find(path: Path, remedy: str, kind: type[BonescanError]) -> Path:
    """Return a file inside the package or, if it is not there, beside it.

    The path is relative to the working folder if the file is in there: reports name it, and in a checkout they should
    not depend on where that is.
    """
    for folder in (PACKAGE, PACKAGE.parent):
        found = folder / path
        if found.is_file():
            return found.relative_to(Path.cwd()) if found.is_relative_to(Path.cwd()) else found
    raise kind(f"{path}: is missing; it comes with the package. {remedy[0].upper()}{remedy[1:]}")
