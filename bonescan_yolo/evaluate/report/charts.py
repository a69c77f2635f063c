"""The charts of the report, drawn by matplotlib as SVG that needs no font and no network."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.evaluate.bootstrap import INTERVAL
from bonescan_yolo.evaluate.evaluation import Evaluation, ModelResult
from bonescan_yolo.evaluate.figures import froc, roc
from bonescan_yolo.evaluate.figures.calibration import Reliability

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#1f5fa8", "#d1701f")
"""Of the first and the second model; different also in grey and with the common forms of colour blindness."""

STYLES = ("-", "--")
BAND = 0.16
"""Opacity of the intervals."""

SIZE_INCH = (7.2, 3.3)
STYLE: dict[Any, Any] = {
    "font.size": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#888888",
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "xtick.color": "#444444",
    "ytick.color": "#444444",
    "svg.hashsalt": "bonescan_yolo",  # else its ids change from run to run
}


def froc_chart(evaluation: Evaluation) -> str:
    """Return the FROC curves of both classes as SVG text."""

    def draw(axes: Sequence[Axes]) -> None:
        for axis, name in zip(axes, CLASS_NAMES, strict=True):
            for index, model in enumerate(evaluation.models):
                _curve(axis, np.array(froc.CURVE_RATES), model.measured.froc[name], index, model.name)
            axis.set_xscale("log", base=2)
            axis.set_xticks(froc.RATES, [_fraction(rate) for rate in froc.RATES])
            axis.set(title=name, xlabel="false boxes per scan", ylabel="sensitivity", ylim=(0, 1))

    return _chart(draw, evaluation)


def roc_chart(evaluation: Evaluation) -> str:
    """Return the ROC curves of scans and of patients as SVG text, with the operating points."""

    def draw(axes: Sequence[Axes]) -> None:
        for axis, level in zip(axes, ("scan", "patient"), strict=True):
            axis.plot([0, 1], [0, 1], color="#bbbbbb", linewidth=0.8)
            for index, model in enumerate(evaluation.models):
                _curve(axis, np.array(roc.CURVE_RATES), model.measured.roc[level], index, model.name)
                _operating_point(axis, model, level, index)
            axis.set(title=f"{level}s", xlabel="1 - specificity", ylabel="sensitivity", xlim=(0, 1), ylim=(0, 1.005))
            axis.set_aspect("equal")

    return _chart(draw, evaluation)


def reliability_chart(evaluation: Evaluation) -> str:
    """Return the reliability of the models' own confidences, and at the fitted temperature, as SVG text."""

    def draw(axes: Sequence[Axes]) -> None:
        for axis, title in zip(axes, ("the model's own", "at the fitted temperature"), strict=True):
            axis.plot([0, 1], [0, 1], color="#bbbbbb", linewidth=0.8)
            for index, model in enumerate(evaluation.models):
                given = axis is axes[0]
                bins = model.measured.reliability if given else model.measured.reliability_at_temperature
                if bins is not None:
                    _reliability(axis, bins, index, model.name)
            axis.set(title=title, xlabel="confidence", ylabel="share of right boxes", xlim=(0, 1), ylim=(0, 1.005))
            axis.set_aspect("equal")

    return _chart(draw, evaluation)


def number_chart(evaluation: Evaluation) -> str:
    """Return Bland and Altman's plot of the number of boxes of each class as SVG text."""

    def draw(axes: Sequence[Axes]) -> None:
        for class_id, (axis, name) in enumerate(zip(axes, CLASS_NAMES, strict=True)):
            axis.axhline(0, color="#bbbbbb", linewidth=0.8)
            for index, model in enumerate(evaluation.models):
                true = model.measured.pool.count_true(class_id)
                found = model.measured.pool.count_found(class_id, model.measured.thresholds)
                points, times = np.unique(np.stack([true + found, found - true]), axis=1, return_counts=True)
                axis.scatter(
                    points[0] / 2,
                    points[1],
                    s=6 + 10 * np.sqrt(times),
                    color=COLOURS[index],
                    alpha=0.55,
                    linewidths=0,
                    label=model.name,
                )
                for key in ("bias", "limit_low", "limit_high"):
                    value = model.figures[f"number/{key}/{name}"].value
                    if value is not None:
                        axis.axhline(value, color=COLOURS[index], linewidth=1, linestyle="-" if key == "bias" else ":")
            axis.set(title=name, xlabel="mean of true and shown boxes per scan", ylabel="shown minus true")

    return _chart(draw, evaluation)


def _curve(axis: Axes, rates: NDArray[np.float64], values: NDArray[np.float64], index: int, name: str) -> None:
    """Draw a curve with its interval; a note if it is not defined.

    Args:
        axis: to draw on.
        rates: (R,) float64.
        values: (1 + draws, R) float64.
        index: of the model.
        name: of the model.
    """
    if np.isnan(values[0]).any():
        axis.text(0.5, 0.5, "not defined on these scans", transform=axis.transAxes, ha="center", color="#888888")
        return
    drawn = values[1:][~np.isnan(values[1:]).any(axis=1)]
    if len(drawn):
        low, high = np.percentile(drawn, INTERVAL, axis=0)
        axis.fill_between(rates, low, high, color=COLOURS[index], alpha=BAND, linewidth=0)
    axis.plot(rates, values[0], color=COLOURS[index], linestyle=STYLES[index], label=name)


def _operating_point(axis: Axes, model: ModelResult, level: str, index: int) -> None:
    sensitivity, specificity = (model.figures[f"{level}/{key}"].value for key in ("sensitivity", "specificity"))
    if sensitivity is not None and specificity is not None:
        axis.plot(1 - specificity, sensitivity, "o", color=COLOURS[index], markersize=5)


def _reliability(axis: Axes, bins: Reliability, index: int, name: str) -> None:
    known = bins.numbers[0] > 0
    confidence, share = bins.confidence[0, known], bins.share_right[0, known]
    with np.errstate(invalid="ignore"):
        drawn = bins.share_right[1:, known]
    for place, column, value in zip(confidence, drawn.T, share, strict=True):
        defined = column[~np.isnan(column)]
        if len(defined):
            low, high = np.percentile(defined, INTERVAL)
            axis.plot(
                [place, place], [min(low, value), max(high, value)], color=COLOURS[index], alpha=0.35, linewidth=2
            )
    axis.plot(confidence, share, STYLES[index], marker="o", markersize=3, color=COLOURS[index], label=name)


def _chart(draw: Callable[[Sequence[Axes]], None], evaluation: Evaluation) -> str:
    """Return two panels side by side as SVG text, with a legend if there are two models."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=SIZE_INCH, layout="constrained")
        axes = figure.subplots(1, 2)
        draw(list(axes))
        for axis in axes:
            axis.grid(color="#e8e8e8", linewidth=0.6)
            axis.set_axisbelow(True)
        if len(evaluation.models) > 1:
            axes[0].legend(frameon=False, loc="lower right")
        return _svg(figure)


def _svg(figure: Figure) -> str:
    """Return a figure as SVG for use inside a page: without its prologue, and as wide as the page allows."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    start = text.index("<svg")
    head, rest = text[start:].split(">", 1)
    head = re.sub(r' (width|height)="[^"]*"', "", head)
    return f"{head}>{rest}"


def _fraction(rate: float) -> str:
    return f"{rate:g}" if rate >= 1 else f"1/{1 / rate:g}"
