"""The recipe of an adaptation. `configs/adapt.yaml` has every default and explains each key."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from bonescan_yolo.config import Config, merged, read_yaml, validate
from bonescan_yolo.resources import shipped_config
from bonescan_yolo.train.settings import AugmentationConfig, Fraction, Positive

FILE_NAME = "adapt.yaml"
"""The shipped recipe, in `configs/`."""

FREEZABLE_LAYERS = 22
"""YOLOv8's layers before its head."""


class AdaptRecipe(Config):
    """How weights are adapted and judged; each key is explained in `configs/adapt.yaml`."""

    start: Path | None
    seed: Annotated[int, Field(ge=0, lt=1 << 31)]
    steps: Annotated[int, Field(ge=1)]
    batch: Annotated[int, Field(ge=1)]
    real_share: Annotated[float, Field(gt=0, le=1)]
    replay_studies: Annotated[int, Field(ge=0)]
    distillation: Annotated[float, Field(ge=0)]
    learning_rate: Positive
    final_learning_rate: Annotated[float, Field(gt=0, le=1)]
    warmup_steps: Annotated[int, Field(ge=0)]
    weight_decay: Annotated[float, Field(ge=0)]
    average: Fraction
    start_share: Annotated[float, Field(ge=0, lt=1)]
    frozen: Annotated[int, Field(ge=0, le=FREEZABLE_LAYERS)]
    fixed_statistics: bool
    precision: Literal["auto", "bf16", "fp32"]
    folds: Annotated[int, Field(ge=2, le=20)]
    curve: tuple[Annotated[float, Field(gt=0, lt=1)], ...]
    curve_folds: Annotated[int, Field(ge=1)]
    augmentation: AugmentationConfig

    @property
    def own_scans(self) -> int:
        """How many scans of each step are the user's if there are simulated ones, at least 1."""
        return max(1, round(self.batch * self.real_share))

    @property
    def averaged_steps(self) -> int:
        """How many of the last steps the weights are the mean of, at least 1."""
        return max(1, round(self.average * self.steps))


def read_recipe(path: Path | None, changes: Mapping[str, object]) -> AdaptRecipe:
    """Read a recipe.

    Args:
        path: a YAML file; a key that it leaves out has the shipped value. None: the shipped file alone.
        changes: keys that override both, such as those of the command line.

    Raises:
        SettingsError: the file cannot be read, or a key or value is wrong.
    """
    shipped = read_yaml(shipped_config(FILE_NAME))
    own = shipped if path is None else merged(shipped, read_yaml(path))
    return validate(merged(own, changes), AdaptRecipe, source=str(path or FILE_NAME))
