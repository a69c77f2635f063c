"""The fit of the rescoring, on boxes whose hits are drawn with known numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from bonescan_yolo.classes import ABNORMAL
from bonescan_yolo.commands import fit_rescoring
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.evaluate import rescoring_fit
from bonescan_yolo.evaluate.matching.evaluated_scan import ScanResult
from bonescan_yolo.evaluate.rescoring_fit import PENALTY, best_score, fit, logistic_regression
from bonescan_yolo.model.rescoring import NO_RESCORING, Rescoring, rescore
from tests.conftest import RunCommand
from tests.factories import make_dataset

SIDE_PX = 4


@pytest.mark.parametrize(("weight", "lone"), [(0.0, 1.0), (0.8, 0.3)])
def test_the_rescoring_that_hits_were_drawn_with_is_found(weight: float, lone: float) -> None:
    rng = np.random.default_rng(0)
    results = [scan(rng, int(number), Rescoring(weight, lone)) for number in rng.geometric(0.15, 500)]
    found = fit(results)
    assert found.weight == pytest.approx(weight, abs=0.12)
    assert found.lone == pytest.approx(lone, rel=0.3)


@pytest.mark.parametrize("number", [5, 60, 1000])
def test_the_logistic_regression_is_that_of_scikit_learn(number: int) -> None:
    rng = np.random.default_rng(number)
    features = rng.normal(0, (2.0, 0.7), (number, 2))
    labels = rng.random(number) < 1 / (1 + np.exp(-(features @ [0.8, 0.4] - 0.5)))
    labels[:2] = True, False
    model = LogisticRegression(C=1 / PENALTY, solver="newton-cholesky", tol=1e-12).fit(features, labels)
    theirs = np.append(model.coef_[0], model.intercept_)
    np.testing.assert_allclose(logistic_regression(features, labels), theirs, rtol=1e-6)


def test_the_logistic_regression_of_labels_that_a_line_separates_is_finite() -> None:
    features = np.array([[-9.0, 0.0], [-8.0, 1.0], [8.0, 0.0], [9.0, 1.0]])
    labels = features[:, 0] > 0
    model = LogisticRegression(C=1 / PENALTY, solver="newton-cholesky", tol=1e-12).fit(features, labels)
    theirs = np.append(model.coef_[0], model.intercept_)
    np.testing.assert_allclose(logistic_regression(features, labels), theirs, rtol=1e-5, atol=1e-6)


def test_a_better_order_of_boxes_raises_the_best_f1() -> None:
    rng = np.random.default_rng(1)
    rescoring = Rescoring(1.0, 0.1)
    results = [scan(rng, int(number), rescoring) for number in rng.geometric(0.15, 40)]
    before, after = (best_score(results, each) for each in (NO_RESCORING, rescoring))
    assert (after.score.f1 or 0) > (before.score.f1 or 0)


def test_nothing_to_fit_is_said() -> None:
    rng = np.random.default_rng(0)
    never = [scan(rng, 3, Rescoring(0.0, 1e-9))]
    with pytest.raises(BonescanError, match="every abnormal box is false; give more scans"):
        fit(never)
    with pytest.raises(BonescanError, match="cannot be fitted"):
        fit([])


@pytest.mark.slow
def test_the_command_prints_a_line_for_each_rescoring(
    run_command: RunCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    results = [scan(rng, number, Rescoring(1.0, 0.5)) for number in (1, 3, 12) * 10]
    monkeypatch.setattr(rescoring_fit, "read_results", lambda *_: results)
    outcome = run_command(fit_rescoring.main, "--data", make_dataset(tmp_path / "set"))
    assert outcome.code == 0, outcome.err
    lines = outcome.out.splitlines()
    assert lines[0] == "30 scans; abnormal boxes at the best threshold"
    assert [line.split()[0] for line in lines[2:5]] == ["off", "own", "fitted"]
    assert lines[3].split()[1:3] == ["0.300", "0.400"]  # what the shipped weights have
    found = fit(results)
    assert lines[5] == f"export with --rescoring {found.weight:.3g} {found.lone:.3g}"


def scan(rng: np.random.Generator, number: int, rescoring: Rescoring) -> ScanResult:
    """Return a scan with this number of boxes in a row, each a hit as often as the rescoring says."""
    confidences = np.sort(rng.uniform(0.06, 0.95, number).astype(np.float32))[::-1]
    classes = np.full(number, ABNORMAL, np.int64)
    left = np.arange(number, dtype=np.float32) * 2 * SIDE_PX
    boxes = np.stack([left, 0 * left, left + SIDE_PX, 0 * left + SIDE_PX], axis=1)
    right = rng.random(number) < rescore(confidences, classes, rescoring)
    return ScanResult(
        width=2 * SIDE_PX * number,
        height=SIDE_PX,
        true_boxes=boxes[right],
        true_classes=classes[right],
        boxes=boxes,
        confidences=confidences,
        classes=classes,
    )
