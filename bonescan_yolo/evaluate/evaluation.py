"""One evaluation: a split of a data set, one model on it or two, and how it was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bonescan_yolo.evaluate.bootstrap import Figure, differences, summarise
from bonescan_yolo.evaluate.matching.average_precision import ClassMetrics
from bonescan_yolo.evaluate.matching.hits import MatchRule
from bonescan_yolo.evaluate.measured import Measured


@dataclass(frozen=True)
class DataFacts:
    """Where the scans come from.

    Attributes:
        path: of dataset.yaml.
        source: in words.
        sha256: of the data set, see `dataset_yaml.Dataset.sha256`.
        split: that was read.
    """

    path: str
    source: str
    sha256: str
    split: str


@dataclass(frozen=True, eq=False)
class ModelResult:
    """A model and what was measured of it.

    Attributes:
        name: what it is called in tables: its file's name, made unique.
        file: its path.
        sha256: of the file.
        trained_on: in words.
        measured: on the split.
        ultralytics: average precision by class as Ultralytics counts it.
        figures: every figure, summarised, by key.
    """

    name: str
    file: str
    sha256: str
    trained_on: str
    measured: Measured
    ultralytics: Mapping[str, ClassMetrics]
    figures: Mapping[str, Figure]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What the outputs are written from.

    Attributes:
        data: the scans.
        models: one, or two to compare.
        rule: when a detection hits.
        draws, seed: of the bootstrap.
        command: that made it, as one would type it.
        versions: of the packages that had a part in it, by name.
    """

    data: DataFacts
    models: tuple[ModelResult, ...]
    rule: MatchRule
    draws: int
    seed: int
    command: str
    versions: Mapping[str, str]

    def difference(self) -> dict[str, Figure] | None:
        """Return the second model's figures less the first's, each with its paired interval; None for one model."""
        if len(self.models) < 2:
            return None
        first, second = (model.measured.figures for model in self.models)
        return {key: summarise(sampled) for key, sampled in differences(first, second).items()}
