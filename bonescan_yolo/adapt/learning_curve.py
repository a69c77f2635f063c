"""The learning curve: what a quarter, half and all of the training patients give, and what that says about more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

from bonescan_yolo.adapt.fold_figures import DRAWS, MEAN_PRECISION, Fold, precision_samples
from bonescan_yolo.adapt.fold_plan import ALL, FoldTraining
from bonescan_yolo.evaluate.bootstrap import Figure, Sampled, Weights, draw_weights, summarise
from bonescan_yolo.evaluate.matching.hits import HIT_RULE
from bonescan_yolo.evaluate.matching.pool import pool_scans

NONE = 0.0
"""The part of the start model, which was trained on none of the scans."""

Read = tuple[FoldTraining, Fold]
"""A training, and the held-out scans as its model reads them."""


@dataclass(frozen=True)
class CurvePoint:
    """What a part of the training patients gives.

    Attributes:
        part: in [0, 1]; NONE for the start model.
        scans: trained on, mean over the folds.
        precision: mean AP50 of the classes on the held-out scans of the curve's folds.
    """

    part: float
    scans: float
    precision: Figure


@dataclass(frozen=True)
class LearningCurve:
    """Points on the same held-out scans, the start model first.

    Attributes:
        points: by growing part.
        folds: that were used.
        last_gain: all less the next smaller part, in pairs.
    """

    points: tuple[CurvePoint, ...]
    folds: int
    last_gain: Figure

    @property
    def words(self) -> str:
        """What the curve says about more scans, in a sentence."""
        before, last = self.points[-2], self.points[-1]
        gain = self.last_gain
        if gain.value is None or gain.low is None or gain.high is None:
            return "The scans are too few to say whether more would help."
        step = f"From {before.scans:.0f} to {last.scans:.0f} scans, mean AP50 changed by {gain.value:+.3f}"
        interval = f"(95 % interval {gain.low:+.3f} to {gain.high:+.3f})"
        if gain.low > 0:
            return f"{step} {interval}: it was still rising, so more scans are likely to help."
        if gain.high < 0:
            return f"{step} {interval}: it fell, so look at the annotations before adding more."
        return f"{step} {interval}: these scans do not say whether more would help."


def learning_curve(start: Sequence[Fold], read: Sequence[Read], seed: int) -> LearningCurve | None:
    """Return the curve over the folds that have a training for a smaller part; None if there is none.

    Args:
        start: the held-out scans of every fold as the start model reads them.
        read: all trainings.
        seed: of the bootstrap.
    """
    parts = sorted({training.part for training, _ in read if training.part < ALL})
    if not parts:
        return None
    folds = set.intersection(*({one.fold for one, _ in read if one.part == part} for part in parts))
    if not folds:
        return None
    chosen = sorted(folds)
    weights = draw_weights(len({scan.patient for fold in chosen for scan in start[fold]}), DRAWS, seed)
    by_part: Mapping[float, list[Read]] = {
        part: [one for one in read if one[0].part == part and one[0].fold in folds] for part in (*parts, ALL)
    }
    samples = {NONE: _precision([start[fold] for fold in chosen], weights)}
    samples |= {part: _precision([scans for _, scans in ones], weights) for part, ones in by_part.items()}
    counts = {part: mean(len(training.scans) for training, _ in ones) for part, ones in by_part.items()}
    gain = Sampled(samples[ALL].values - samples[parts[-1]].values, samples[ALL].missing)
    return LearningCurve(
        points=tuple(CurvePoint(part, counts.get(part, 0.0), summarise(each)) for part, each in samples.items()),
        folds=len(chosen),
        last_gain=summarise(gain),
    )


def _precision(folds: Sequence[Fold], weights: Weights) -> Sampled:
    """Return the mean AP50 on the scans of some folds."""
    return precision_samples(pool_scans([scan for fold in folds for scan in fold], HIT_RULE), weights)[MEAN_PRECISION]
