"""Fit the two numbers of the rescoring to annotated scans.

Scans are read without rescoring. A logistic regression then predicts whether an abnormal box is a hit from the logit of
its own confidence and the logarithm of one plus the expected number of others. Divided by the coefficient of the first,
the coefficient of the second is `weight`, and the exponential of the intercept is `lone`
(`bonescan_yolo.model.rescoring`). `bonescan export --rescoring WEIGHT LONE` writes them into the files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.classes import ABNORMAL, CLASS_NAMES
from bonescan_yolo.dataset.dataset_yaml import read_dataset
from bonescan_yolo.errors import DatasetError
from bonescan_yolo.evaluate.matching.evaluated_scan import ScanResult
from bonescan_yolo.evaluate.matching.hit_curve import hit_curve
from bonescan_yolo.evaluate.matching.hits import (
    NO_MATCH,
    HitScore,
    count_true,
    hit_scores,
    match_scan,
    pool_found,
)
from bonescan_yolo.evaluate.read_split import read_results
from bonescan_yolo.model.rescoring import FLOOR, NO_RESCORING, Rescoring, rescore
from bonescan_yolo.model.thresholds import Thresholds

DEFAULT_WEIGHTS = Path("weights") / "bonescan.pt"

LOWEST_CONFIDENCE = 0.02
"""Boxes are read down to this confidence; rescoring does not lift lower ones above any useful threshold."""

MOST_FALSE = 1.5
"""False abnormal boxes per scan that are accepted when the best threshold is chosen."""

LEAST_THRESHOLD = 0.05
"""Lower ones are not tried."""

PENALTY = 0.01
"""Of squared coefficients, without the intercept: so weak that it only keeps coefficients finite (C = 100)."""

NEWTON_STEPS = 100
NEWTON_TOLERANCE = 1e-10
"""The steps end when no coefficient changes by more."""


@dataclass(frozen=True)
class FitOptions:
    """What a user of the command chooses.

    Attributes:
        data: dataset.yaml.
        weights: a .pt file.
        split: a split's name, or `read_split.ALL`; better not one that the weights were trained on.
        trust: whether the .pt file may run code, see `load_weights`.
    """

    data: Path
    weights: Path = DEFAULT_WEIGHTS
    split: str = "val"
    trust: bool = False


@dataclass(frozen=True)
class RescoringScore:
    """How well the class abnormal is found with a rescoring.

    Attributes:
        rescoring: the two numbers.
        threshold: with the best F1 at no more than MOST_FALSE false boxes per scan, in [0, 1].
        score: hits at that threshold.
    """

    rescoring: Rescoring
    threshold: float
    score: HitScore


@dataclass(frozen=True)
class RescoringFit:
    """The result of a fit.

    Attributes:
        scans: number of scans read.
        off: without rescoring.
        own: with the numbers that the weights have now.
        fitted: with the fitted numbers.
    """

    scans: int
    off: RescoringScore
    own: RescoringScore
    fitted: RescoringScore


def fit_rescoring(options: FitOptions) -> RescoringFit:
    """Read the scans without rescoring, fit the two numbers, and compare.

    Raises:
        BonescanError: the data set or the weights cannot be read, or there is nothing to fit.
    """
    from bonescan_yolo.model.torch_network import TorchDetector
    from bonescan_yolo.train.run_record import read_card

    dataset = read_dataset(options.data)
    card = read_card(options.weights, options.trust)
    plain = replace(card, context_weight=0.0, context_lone=1.0)
    detector = TorchDetector(options.weights, LOWEST_CONFIDENCE, plain, options.trust)
    results = read_results(dataset, options.split, detector)
    fitted = fit(results)
    return RescoringFit(len(results), *(best_score(results, each) for each in (NO_RESCORING, card.rescoring, fitted)))


def fit(results: Sequence[ScanResult]) -> Rescoring:
    """Return the numbers with which the hits and false boxes of the class abnormal have the highest likelihood.

    Args:
        results: true and predicted boxes of each scan, without rescoring.

    Raises:
        DatasetError: all abnormal boxes are hits or all are false, so there is nothing to fit, or a fit is impossible
            since boxes with a higher confidence are hits less often.
    """
    features, hits = [np.zeros((0, 2))], [np.zeros(0, bool)]
    for result in results:
        chosen = (result.classes == ABNORMAL) & (result.confidences > FLOOR)
        own = result.confidences[chosen].astype(np.float64)
        features.append(np.stack([np.log(own / (1 - own)), np.log1p(own.sum() - own)], axis=1))
        hits.append(match_scan(result)[chosen] != NO_MATCH)
    is_hit = np.concatenate(hits)
    if is_hit.all() or not is_hit.any():
        every = "a hit" if is_hit.any() else "false"
        raise DatasetError(f"rescoring: cannot be fitted, since every abnormal box is {every}; give more scans")
    alone, others, intercept = logistic_regression(np.concatenate(features), is_hit)
    if alone <= 0:
        raise DatasetError(
            "rescoring: cannot be fitted, since boxes with a higher confidence are hits less often; give more scans"
        )
    return Rescoring(float(others / alone), float(np.exp(intercept / alone)))


def logistic_regression(features: NDArray[np.float64], labels: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the coefficients of a logistic regression and its intercept, (F + 1,) float64, by Newton's method.

    They minimise the sum of log(1 + exp(-s z)) plus PENALTY / 2 times the squared coefficients (not the intercept),
    where z is the linear function and s is 1 for a true label, else -1.

    Args:
        features: (N, F) float64.
        labels: (N,) bool, both values.
    """
    columns = np.column_stack([features, np.ones(len(features))])
    penalty = np.append(np.full(features.shape[1], PENALTY), 0.0)
    signs = np.where(labels, 1.0, -1.0)

    def loss(coefficients: NDArray[np.float64]) -> float:
        squares = penalty @ np.square(coefficients) / 2
        return float(np.logaddexp(0, -signs * (columns @ coefficients)).sum() + squares)

    found = np.zeros(columns.shape[1])
    for _ in range(NEWTON_STEPS):
        shares = 1 / (1 + np.exp(-(columns @ found)))
        gradient = columns.T @ (shares - labels) + penalty * found
        curvature = columns.T @ (columns * (shares * (1 - shares))[:, None]) + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        while loss(found - step) > loss(found) and np.abs(step).max() > NEWTON_TOLERANCE:
            step = step / 2  # a whole step may lead too far where the curve is flat
        found = found - step
        if np.abs(step).max() <= NEWTON_TOLERANCE:
            break
    return found


def best_score(results: Sequence[ScanResult], rescoring: Rescoring) -> RescoringScore:
    """Return the best hits of the class abnormal with a rescoring at no more than MOST_FALSE false boxes per scan."""
    rescored = [rescore_scan(result, rescoring) for result in results]
    found = pool_found(rescored).above(LEAST_THRESHOLD).of_class(ABNORMAL)
    curve = hit_curve(found.confidences, found.right, np.ones((1, len(found.right)), bool))
    f1 = curve.f1(np.array([count_true(rescored, ABNORMAL)]))[0]
    allowed = curve.false[0] <= MOST_FALSE * len(results)
    step = int(f1[allowed].argmax()) if allowed.any() else -1  # those with few false boxes are the first
    threshold = curve.threshold_of(step, LEAST_THRESHOLD)
    score = hit_scores(rescored, Thresholds.both(threshold))[CLASS_NAMES[ABNORMAL]]
    return RescoringScore(rescoring, threshold, score)


def rescore_scan(result: ScanResult, rescoring: Rescoring) -> ScanResult:
    """Return a scan whose abnormal boxes are rescored, best first."""
    confidences = rescore(result.confidences, result.classes, rescoring)
    order = np.argsort(-confidences, kind="stable")
    return replace(result, boxes=result.boxes[order], confidences=confidences[order], classes=result.classes[order])
