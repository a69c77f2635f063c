"""`adapt.md`: whether adapting helped, where, how that was measured, and what more scans would give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bonescan_yolo.adapt.adapt_outcome import AdaptOutcome, Kept
from bonescan_yolo.adapt.fold_figures import SCORE, Compared
from bonescan_yolo.adapt.learning_curve import LearningCurve
from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.evaluate.bootstrap import Figure
from bonescan_yolo.evaluate.point_choice import FALSE_BOXES_NEEDED
from bonescan_yolo.model.operating_points import SENSITIVE, SPECIFIC

FALSE_BOXES: Final = "hits/false_per_scan/"
"""Beginning of the keys of figures of which less is better."""

ROWS: Final = {
    **{f"detection/ap50/{name}/all": f"AP50, {name}" for name in CLASS_NAMES},
    **{f"hits/f1/{name}": f"F1, {name}" for name in CLASS_NAMES},
    **{f"hits/precision/{name}": f"precision, {name}" for name in CLASS_NAMES},
    **{f"hits/recall/{name}": f"recall, {name}" for name in CLASS_NAMES},
    **{f"{FALSE_BOXES}{name}": f"false boxes per scan, {name}" for name in CLASS_NAMES},
    "scan/auc": "abnormal or not, area under the ROC curve",
    SCORE: "score: mean of AP50 and F1",
}

HOW_MEASURED: Final = (
    "Each scan was read by a model that was not trained on its patient, and both models' boxes are shown above "
    "thresholds chosen on the other folds. Brackets: 95 % intervals over patients, of differences in pairs. The files "
    "are from a training on all scans, which is likely to be as good or slightly better."
)


def report_text(outcome: AdaptOutcome) -> str:
    """Return the report as Markdown."""
    blocks = [f"# Adaptation to {outcome.scans} scans of {outcome.patients} patients", verdict(outcome)]
    if outcome.compared is not None:
        blocks += [_changes(outcome.compared), "\n".join(_table(outcome.compared)), HOW_MEASURED]
    if outcome.curve is not None:
        blocks += ["## Learning curve", "\n".join(_curve(outcome.curve)), outcome.curve.words]
    if outcome.kept is not Kept.NOTHING:
        blocks += ["## Files", "\n".join(_files(outcome))]
    return "\n\n".join(blocks) + "\n"


def verdict(outcome: AdaptOutcome) -> str:
    """Return in a few sentences whether the adapted model is better, and what was kept."""
    compared = outcome.compared
    if compared is None:
        return (
            "How good the adapted model is was not measured (`--quick`). Leave `--quick` out for an honest figure and "
            "for thresholds of its own."
        )
    score = _with_interval(compared.difference[SCORE], signed=True)
    if outcome.kept is not Kept.WEIGHTS:
        not_better = (
            f"The adapted model was not kept: on scans of held-out patients it is not better than {outcome.start_name} "
            f"(score {score})."
        )
        if outcome.kept is Kept.NOTHING:
            return f"{not_better} Go on with that one."
        gained = _with_interval(compared.by_thresholds[SCORE], signed=True)
        return (
            f"{not_better} The files are {outcome.start_name} with thresholds chosen on your scans, which is better "
            f"than with its own (score {gained})."
        )
    if compared.is_sure:
        return f"The adapted model is better than {outcome.start_name} on scans of held-out patients (score {score})."
    return (
        f"The adapted model was kept: it is better than {outcome.start_name} on scans of held-out patients, but these "
        f"are too few to be sure (score {score})."
    )


def _changes(compared: Compared) -> str:
    """Return what got better and what got worse beyond the intervals, in sentences."""
    better: list[str] = []
    worse: list[str] = []
    for key, label in ROWS.items():
        figure = compared.difference[key]
        if key == SCORE or figure.value is None or figure.low is None or figure.high is None:
            continue
        if figure.low <= 0 <= figure.high:
            continue
        is_gain = (figure.value > 0) != key.startswith(FALSE_BOXES)
        (better if is_gain else worse).append(f"{label} {figure.value:+.3f}")
    return (
        f"Better beyond its interval: {', '.join(better) or 'nothing'}. "
        f"Worse beyond its interval: {', '.join(worse) or 'nothing'}."
    )


def _table(compared: Compared) -> Iterator[str]:
    """Yield the lines of the table of figures."""
    columns = ("", "start, own threshold", "start", "adapted", "difference")
    yield from _lines(
        columns,
        [
            (
                label,
                _value(compared.at_own[key]),
                _with_interval(compared.start[key]),
                _with_interval(compared.adapted[key]),
                _with_interval(compared.difference[key], signed=True),
            )
            for key, label in ROWS.items()
        ],
    )


def _curve(curve: LearningCurve) -> Iterator[str]:
    """Yield the lines of the table of the learning curve."""
    yield f"Mean AP50 of the classes on the held-out scans (folds used: {curve.folds}):\n"
    rows = [(f"{point.part:.0%}", f"{point.scans:.0f}", _with_interval(point.precision)) for point in curve.points]
    yield from _lines(("part of the training patients", "scans", "mean AP50"), rows)


def _files(outcome: AdaptOutcome) -> Iterator[str]:
    """Yield a line for each file, and what goes with them."""
    yield from (f"- `{path.name}`" for path in outcome.files)
    yield f"\nBoxes are shown above a confidence of {outcome.thresholds}. Trained on: {outcome.trained_on}."
    if outcome.operating_points is None:
        yield (
            f"\nThere are no operating points; they need folds, and at least {FALSE_BOXES_NEEDED} false abnormal boxes "
            "on the held-out scans."
        )
    else:
        others = ", ".join(f"{name} {outcome.operating_points.at(name)}" for name in (SENSITIVE, SPECIFIC))
        yield f"\nOther operating points: {others}."
    if outcome.int8_refusal is not None:
        yield f"\nThere is no INT8 file: {outcome.int8_refusal}."


def _lines(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield a table as Markdown."""
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _value(figure: Figure) -> str:
    return "-" if figure.value is None else f"{figure.value:.3f}"


def _with_interval(figure: Figure, *, signed: bool = False) -> str:
    """Return a figure with its interval in brackets."""
    if figure.value is None:
        return "-"
    form = "+.3f" if signed else ".3f"
    if figure.low is None or figure.high is None:
        return f"{figure.value:{form}}"
    return f"{figure.value:{form}} ({figure.low:{form}} to {figure.high:{form}})"


def summary_lines(outcome: AdaptOutcome, figures: Mapping[str, str] = ROWS) -> Iterator[str]:
    """Yield what a terminal shows: the verdict, the figures of both models, the curve in words."""
    yield verdict(outcome)
    if outcome.compared is not None:
        width = max(map(len, figures.values()))
        for key, label in figures.items():
            start, adapted = (_value(side[key]) for side in (outcome.compared.start, outcome.compared.adapted))
            change = _with_interval(outcome.compared.difference[key], signed=True)
            yield f"  {label:<{width}}  {start:>6} -> {adapted:>6}   {change}"
    if outcome.curve is not None:
        yield outcome.curve.words
    if outcome.int8_refusal is not None:
        yield f"There is no INT8 file: {outcome.int8_refusal}."
