"""Which scans of a hospital a run adapts to: drawn at random, or suggested; and those without annotations."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.adapting.reading_sets import read_set
from benchmarks.adapting.scan_sets import ScanSet, draw_studies
from bonescan_yolo.adapt.training_scan import TrainingScan
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.thresholds import Thresholds
from bonescan_yolo.model.torch_network import TorchDetector
from bonescan_yolo.suggest.scores import SEEN, score_scan
from bonescan_yolo.suggest.variety import choose
from bonescan_yolo.train.run_record import read_card

NO_CANDIDATES: Final = 0

HOSPITAL_A, HOSPITAL_B = "a", "b"


@dataclass(frozen=True)
class ScanChoice:
    """How scans are chosen.

    Attributes:
        suggested_of: number of scans, drawn at random, of which those to annotate are suggested; NO_CANDIDATES: the
            scans to annotate are drawn at random.
        unlabelled: number of further scans without annotations, whose boxes the adapted network gives.
        sure: confidence from which it gives one.
        teacher: how much it counts that the network answers on them as its teacher does (`mean_teacher`), in place of
            boxes; 0: the network gives boxes.
        hospital: whose scans they are; HOSPITAL_A: as those that the shipped network was trained on.
    """

    suggested_of: int = NO_CANDIDATES
    unlabelled: int = 0
    sure: float = 0.3
    teacher: float = 0.0
    hospital: str = HOSPITAL_B

    @property
    def words(self) -> list[str]:
        """What differs from scans drawn at random, for the name of a setting."""
        words = [] if self.hospital == HOSPITAL_B else [f"hospital={self.hospital}"]
        words += [f"suggested_of={self.suggested_of}"] if self.suggested_of else []
        if not self.unlabelled:
            return words
        return [
            *words,
            f"unlabelled={self.unlabelled}",
            f"teacher={self.teacher}" if self.teacher else f"sure={self.sure}",
        ]

    def annotated(self, pool: ScanSet, number: int, seed: int, weights: Path) -> NDArray[np.int64]:
        """Return the indices of the scans to adapt to.

        Args:
            pool: to choose from.
            number: of scans.
            seed: of the draw.
            weights: of the network that suggests.
        """
        if not self.suggested_of:
            return draw_studies(pool, number, seed)
        candidates = draw_studies(pool, self.suggested_of, seed)
        detector = TorchDetector(weights, SEEN, read_card(weights))
        features = [score_scan(detector, pool.pixels[index]) for index in candidates]
        patients = [pool.patients[index] for index in candidates]
        studies = [
            [place for place, one in enumerate(patients) if one == patient] for patient in dict.fromkeys(patients)
        ]
        return np.asarray(candidates[choose(features, number, studies, patients)[:number]])

    def without_annotations(self, pool: ScanSet, annotated: NDArray[np.int64], seed: int) -> ScanSet:
        """Return the further scans of a seed, none of which is annotated."""
        order = draw_studies(pool, len(annotated) + self.unlabelled, seed)
        others = order[~np.isin(order, annotated)]
        return pool.take(others[: self.unlabelled])


RANDOM: Final = ScanChoice()


def annotated_by(network: Any, scans: ScanSet, card: ModelCard, sure: float) -> list[TrainingScan]:
    """Return scans with the boxes that a network gives with a confidence above `sure`."""
    marked = []
    for grey, found in zip(scans.pixels, read_set(network, scans, card), strict=True):
        kept = Thresholds.both(sure).above(found.confidences, found.classes)
        marked.append(TrainingScan(grey, found.boxes[kept], found.classes[kept]))
    return marked
