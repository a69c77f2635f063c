"""The settings of training. `configs/train.yaml` has every default and explains each key."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from bonescan_yolo.config import Config, merged, read_yaml, validate
from bonescan_yolo.errors import SettingsError
from bonescan_yolo.resources import shipped_config

CONFIG_FILE = "train_config.json"
"""The configuration in the run's folder. Ultralytics rejects keys it does not know and starts one process per GPU;
all of them, and a resumed run, can read a file."""

Fraction = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
CropSide = Annotated[int, Field(ge=64, multiple_of=32)]
"""Pixels; the network's coarsest cells are 32 wide."""


class AugmentationConfig(Config):
    """Random changes to training scans; each key is explained in `configs/train.yaml`."""

    flip: Fraction
    shift: Annotated[float, Field(ge=0, le=0.5)]
    scale: Annotated[float, Field(ge=0, lt=0.9)]
    window: Annotated[float, Field(ge=1, le=8)]
    noise: Fraction
    noise_level: Annotated[float, Field(ge=0, le=10)]
    blur: Fraction
    blur_sigma: Annotated[float, Field(ge=0, le=10)]
    shrink: Fraction
    shrink_to: Annotated[float, Field(gt=0, le=1)]
    gamma: Annotated[float, Field(ge=1, le=4)]
    tone_spread: Annotated[float, Field(ge=1, le=4)]
    crop: tuple[CropSide, CropSide] | None


class TrainConfig(Config):
    """All settings of a training run; each key is explained in `configs/train.yaml`."""

    data: Path | None
    out: Path
    model: Annotated[str, Field(pattern=r"^auto$|^yolov8[nsmlx](-p2|-p6)?$|\.yaml$")]
    weights: str
    epochs: Annotated[int, Field(ge=1)]
    minutes: Positive | None
    patience: Annotated[int, Field(ge=1)]
    average_epochs: Annotated[int, Field(ge=0)]
    batch: Annotated[int, Field(ge=1)]
    optimizer: Literal["AdamW", "SGD"]
    learning_rate: Positive
    final_learning_rate: Annotated[float, Field(gt=0, le=1)]
    warmup_epochs: Annotated[float, Field(ge=0)]
    weight_decay: Annotated[float, Field(ge=0)]
    whole_epochs: Annotated[int, Field(ge=0)]
    small_box_share: Annotated[float, Field(ge=0, le=1)]
    region_gain: Annotated[float, Field(ge=0)] | None
    region_share: Annotated[float, Field(gt=0, le=1)] | None
    seed: Annotated[int, Field(ge=0, lt=1 << 31)]
    device: Annotated[str, Field(pattern=r"^(auto|cpu|cuda|mps|\d+(,\d+)*)$")]
    precision: Literal["auto", "bf16", "fp32"]
    compile: bool
    workers: Annotated[int, Field(ge=0)]
    plots: bool
    augmentation: AugmentationConfig


def read_train_config(path: Path, profile: str | None, overrides: dict[str, object]) -> TrainConfig:
    """Read a training configuration.

    Args:
        path: a YAML file; its section `profiles` has named sets of keys that override the others. A missing key has
            the value of the shipped file.
        profile: the set to apply, or None.
        overrides: keys from the command line, which override both.

    Raises:
        SettingsError: the file cannot be read, the profile does not exist, or a key or value is wrong.
    """
    values = merged(_shipped_values(), read_yaml(path))
    profiles = values.pop("profiles", None) or {}
    if not isinstance(profiles, dict) or not all(isinstance(keys, dict) for keys in profiles.values()):
        raise SettingsError(f"{path}: `profiles` must map each name to a set of keys; see configs/train.yaml")
    if profile is not None:
        if profile not in profiles:
            nearest = difflib.get_close_matches(profile, profiles, n=1)
            known = f"did you mean `{nearest[0]}`?" if nearest else f"known profiles: {', '.join(profiles) or 'none'}"
            raise SettingsError(f"{path}: unknown profile `{profile}`; {known}")
        values = merged(values, profiles[profile])
    return validate(merged(values, overrides), TrainConfig, source=str(path))


def read_stored_config(path: Path) -> TrainConfig:
    """Return the configuration in a run's folder (CONFIG_FILE).

    Raises:
        SettingsError: it is damaged or has a wrong value.
    """
    return validate(read_yaml(path), TrainConfig, source=str(path))  # JSON is YAML


def shipped_config_with(changes: dict[str, object]) -> TrainConfig:
    """Return the shipped configuration with some keys changed.

    Raises:
        SettingsError: a key or value is wrong.
    """
    return validate(merged(_shipped_values(), changes), TrainConfig, source="train.yaml")


def _shipped_values() -> dict[str, object]:
    """Return the defaults: the shipped file without its profiles."""
    values = read_yaml(shipped_config("train.yaml"))
    del values["profiles"]
    return values
