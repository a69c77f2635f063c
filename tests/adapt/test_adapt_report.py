"""The report: what is said of a model that is better, perhaps better, not kept, or not measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bonescan_yolo.adapt.adapt_outcome import AdaptOutcome, Kept
from bonescan_yolo.adapt.adapt_report import report_text, summary_lines, verdict
from bonescan_yolo.adapt.fold_figures import compare
from bonescan_yolo.model.operating_points import OperatingPoints
from bonescan_yolo.model.thresholds import Thresholds
from tests.adapt.test_fold_figures import CARD, folds

BETTER = AdaptOutcome(
    scans=6,
    patients=6,
    start_name="bonescan.pt",
    trained_on="simulated scans, adapted on 6 scans of 6 patients",
    compared=compare(folds(0.5, 0.6), folds(0.8, 0.1), CARD, seed=0),
    curve=None,
    kept=Kept.WEIGHTS,
    thresholds=Thresholds(0.4, 0.3),
    operating_points=None,
    files=(Path("run/weights/best.pt"), Path("run/adapted.onnx")),
    int8_refusal="adapted-app-int8.onnx: not written, since it loses more",
    seconds=10.0,
)


def test_a_better_model_comes_with_its_figures_and_files() -> None:
    text = report_text(BETTER)
    assert "is better than bonescan.pt on scans of held-out patients" in text
    assert "Better beyond its interval: AP50, abnormal +" in text
    assert "false boxes per scan, abnormal -1.000" in text
    assert "Worse beyond its interval: nothing." in text
    assert "- `best.pt`\n- `adapted.onnx`" in text
    assert "0.4 (abnormal), 0.3 (normal)" in text
    assert "There is no INT8 file" in text
    assert (
        "There are no operating points; they need folds, and at least 34 false abnormal boxes on the held-out scans."
        in text
    )
    assert any("0.667 ->  1.000" in line for line in summary_lines(BETTER))


def test_operating_points_are_named() -> None:
    points = OperatingPoints(Thresholds(0.1, 0.3), Thresholds(0.4, 0.3), Thresholds(0.7, 0.3))
    text = report_text(replace(BETTER, operating_points=points))
    assert (
        "Other operating points: sensitive 0.1 (abnormal), 0.3 (normal), specific 0.7 (abnormal), 0.3 (normal)." in text
    )


def test_a_worse_model_is_not_kept_and_that_is_said() -> None:
    worse = replace(
        BETTER,
        compared=compare(folds(0.8, 0.1), folds(0.5, 0.6), CARD, seed=0),
        kept=Kept.NOTHING,
        files=(),
        int8_refusal=None,
    )
    text = report_text(worse)
    assert "was not kept" in text
    assert "Worse beyond its interval: AP50, abnormal -" in text
    assert "## Files" not in text


def test_thresholds_alone_are_kept_if_they_are_better() -> None:
    compared = compare(folds(0.4, 0.1), folds(0.3, 0.35), CARD, seed=0)
    text = report_text(replace(BETTER, compared=compared, kept=Kept.THRESHOLDS))
    assert "was not kept" in text
    assert "The files are bonescan.pt with thresholds chosen on your scans, which is better than with its own" in text
    assert "- `best.pt`" in text


def test_without_folds_the_report_says_that_nothing_was_measured() -> None:
    quick = replace(BETTER, compared=None)
    assert "was not measured" in verdict(quick)
    assert "|" not in report_text(quick)


def test_a_gain_within_its_interval_is_not_called_sure() -> None:
    start = [*folds(0.5, 0.6)[:2], folds(0.8, 0.1)[2]]
    adapted = [folds(0.8, 0.1)[0], folds(0.5, 0.6)[1], folds(0.8, 0.1)[2]]
    compared = compare(start, adapted, CARD, seed=0)
    assert compared.is_better
    assert not compared.is_sure
    assert "too few to be sure" in verdict(replace(BETTER, compared=compared))
