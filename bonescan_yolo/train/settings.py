"""What a user can set about training: `configs/train.yaml`."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from bonescan_yolo.config import Config, read_yaml, validate
from bonescan_yolo.errors import BonescanError

CONFIG_FILE = "train_config.json"
"""The configuration in the run's folder. Ultralytics rejects keys it does not know and starts a process of its own for
each GPU; a file reaches them all, and a resumed run."""

Fraction = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
CropSide = Annotated[int, Field(ge=64, multiple_of=32)]
"""Pixels; the network's coarsest cells are 32 wide."""


class AugmentationConfig(Config):
    """Random changes to training scans; each key is explained in `configs/train.yaml`."""

    flip: Fraction = 0.5
    shift: Annotated[float, Field(ge=0, le=0.5)] = 0.05
    scale: Annotated[float, Field(ge=0, lt=0.9)] = 0.1
    window: Annotated[float, Field(ge=1, le=8)] = 1.6
    noise: Fraction = 0.5
    noise_level: Annotated[float, Field(ge=0, le=10)] = 0.5
    blur: Fraction = 0.5
    blur_sigma: Annotated[float, Field(ge=0, le=10)] = 1.4
    shrink: Fraction = 0.6
    shrink_to: Annotated[float, Field(gt=0, le=1)] = 0.3
    gamma: Annotated[float, Field(ge=1, le=4)] = 1.15
    tone_spread: Annotated[float, Field(ge=1, le=4)] = 1.2
    crop: tuple[CropSide, CropSide] | None = (512, 192)


class TrainConfig(Config):
    """Everything a training run depends on; each key is explained in `configs/train.yaml`."""

    data: Path | None = None
    out: Path = Path("runs") / "train"
    model: Annotated[str, Field(pattern=r"^yolov8[nsmlx](-p2|-p6)?$")] = "yolov8n"
    weights: str = "scratch"
    epochs: Annotated[int, Field(ge=1)] = 100
    minutes: Positive | None = None
    patience: Annotated[int, Field(ge=1)] = 30
    average_epochs: Annotated[int, Field(ge=0)] = 0
    batch: Annotated[int, Field(ge=1)] = 16
    optimizer: Literal["AdamW", "SGD"] = "AdamW"
    learning_rate: Positive = 0.002
    final_learning_rate: Annotated[float, Field(gt=0, le=1)] = 0.01
    warmup_epochs: Annotated[float, Field(ge=0)] = 3.0
    weight_decay: Annotated[float, Field(ge=0)] = 0.0005
    seed: Annotated[int, Field(ge=0, lt=1 << 31)] = 0
    device: Annotated[str, Field(pattern=r"^(auto|cpu|cuda|mps|\d+(,\d+)*)$")] = "auto"
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    compile: bool = False
    workers: Annotated[int, Field(ge=0)] = 4
    plots: bool = True
    augmentation: AugmentationConfig = AugmentationConfig()


def read_train_config(path: Path, profile: str | None, overrides: dict[str, object]) -> TrainConfig:
    """Read a training configuration.

    Args:
        path: a YAML file; its section `profiles` holds named sets of keys that override the others.
        profile: the set to apply, or None.
        overrides: keys that stand above both, from the command line.

    Raises:
        BonescanError: the file cannot be read, the profile does not exist, or a key or value is wrong.
    """
    values = read_yaml(path)
    profiles = values.pop("profiles", None) or {}
    if not isinstance(profiles, dict) or not all(isinstance(keys, dict) for keys in profiles.values()):
        raise BonescanError(f"{path}: `profiles` holds no sets of keys; see configs/train.yaml")
    if profile is not None:
        if profile not in profiles:
            nearest = difflib.get_close_matches(profile, profiles, n=1)
            known = f"did you mean `{nearest[0]}`?" if nearest else f"known profiles: {', '.join(profiles) or 'none'}"
            raise BonescanError(f"{path}: unknown profile `{profile}`; {known}")
        values = _merge(values, profiles[profile])
    return validate(_merge(values, overrides), TrainConfig, source=str(path))


def _merge(base: dict[str, object], changes: dict[str, object]) -> dict[str, object]:
    """Return `base` with `changes` laid over it; sections are merged key by key."""
    merged = dict(base)
    for key, value in changes.items():
        below = merged.get(key)
        merged[key] = _merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged
