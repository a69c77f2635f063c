"""Which figures the report and the terminal show, and under which labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.evaluate.figures import froc
from bonescan_yolo.evaluate.figures.error_analysis import LIMITS, SITES, part_key
from bonescan_yolo.evaluate.matching.average_precision import SIZES
from bonescan_yolo.scan.identity.names import VIEWS


@dataclass(frozen=True)
class Line:
    """A line of a table.

    Attributes:
        label: at its left.
        keys: of its figures, one per column.
        starts: whether a new group of lines starts with it.
    """

    label: str
    keys: tuple[str, ...]
    starts: bool = False


@dataclass(frozen=True)
class Table:
    """A table of figures.

    Attributes:
        title: above it; may be empty.
        columns: heads of the columns of figures.
        lines: from top to bottom.
        decimals: shown of each figure.
    """

    title: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    decimals: int = 3


HEADLINE = Table(
    "",
    ("",),
    (
        Line("AP50, abnormal", ("detection/ap50/abnormal/all",)),
        Line("AP50, normal", ("detection/ap50/normal/all",)),
        Line("AP50-95, abnormal", ("detection/ap50_95/abnormal/all",)),
        Line("AP50-95, normal", ("detection/ap50_95/normal/all",)),
        Line("Sensitivity, mean over 1/8 to 8 false abnormal boxes per scan", ("froc/mean_sensitivity/abnormal",)),
        Line("Sensitivity at 1 false abnormal box per scan", ("froc/sensitivity_at_1/abnormal",)),
        Line("F1 of shown boxes, abnormal", ("hits/f1/abnormal",)),
        Line("F1 of shown boxes, normal", ("hits/f1/normal",)),
        Line("False boxes per scan, abnormal", ("hits/false_per_scan/abnormal",)),
        Line("False boxes per scan, normal", ("hits/false_per_scan/normal",)),
        Line("Scans: area under the ROC curve", ("scan/auc",)),
        Line("Patients: area under the ROC curve", ("patient/auc",)),
        Line("Patients: sensitivity", ("patient/sensitivity",)),
        Line("Patients: specificity", ("patient/specificity",)),
        Line("Number of abnormal boxes: concordance", ("number/concordance/abnormal",)),
        Line("Calibration error of confidences", ("calibration/error",)),
    ),
)


def _by_class(key: str) -> tuple[str, ...]:
    """Return the keys of a figure for each class; `{}` is replaced by the class name."""
    return tuple(key.format(name) for name in CLASS_NAMES)


def _named(labels: dict[str, str]) -> tuple[Line, ...]:
    return tuple(Line(label, _by_class(key)) for key, label in labels.items())


SUBSET_LABELS: dict[str, str] = {
    "all": "all boxes",
    "small": f"small: side below {SIZES['small'].high:g} px",
    "medium": f"medium: {SIZES['medium'].low:g} to {SIZES['medium'].high:g} px",
    "large": f"large: from {SIZES['large'].low:g} px",
    **{view: f"{view} scans" for view in VIEWS},
}

DETECTION = tuple(
    Table(
        title,
        CLASS_NAMES,
        _named({f"detection/{key}/{{}}/{subset}": SUBSET_LABELS[subset] for subset in SUBSET_LABELS}),
    )
    for key, title in (("ap50", "AP50"), ("ap50_95", "AP50-95"))
)

FROC = Table(
    "Sensitivity at a number of false boxes per scan",
    CLASS_NAMES,
    _named({f"froc/sensitivity_at_{rate:g}/{{}}": f"{rate:g} per scan" for rate in froc.RATES})
    + _named({"froc/mean_sensitivity/{}": "mean of these"}),
)

HITS = Table(
    "Shown boxes",
    CLASS_NAMES,
    _named(
        {
            "hits/precision/{}": "precision",
            "hits/recall/{}": "recall",
            "hits/f1/{}": "F1",
            "hits/false_per_scan/{}": "false boxes per scan",
        }
    ),
)

LEVELS = Table(
    "",
    ("scan", "patient"),
    tuple(
        Line(label, (f"scan/{key}", f"patient/{key}"))
        for key, label in (
            ("auc", "area under the ROC curve"),
            ("sensitivity", "sensitivity"),
            ("specificity", "specificity"),
            ("ppv", "positive predictive value"),
            ("npv", "negative predictive value"),
        )
    ),
)

NUMBERS = Table(
    "",
    CLASS_NAMES,
    _named(
        {
            "number/concordance/{}": "Lin's concordance",
            "number/bias/{}": "bias: shown minus true",
            "number/limit_low/{}": "lower limit of agreement",
            "number/limit_high/{}": "upper limit of agreement",
        }
    ),
    decimals=2,
)

CALIBRATION = Table(
    "",
    ("calibration error",),
    (
        Line("of the model's own confidences", ("calibration/error",)),
        Line("at the fitted temperature", ("calibration/error_at_temperature",)),
    ),
)

PIXEL_IOU = Table("Pixel IoU", CLASS_NAMES, _named({f"pixel_iou/{{}}/{view}": f"{view} scans" for view in VIEWS}))


def _part_lines(key: str) -> tuple[Line, ...]:
    """Return a line for each site, size, contrast and view."""
    labels: dict[str, dict[str, str]] = {
        "site": {site: site for site in SITES},
        "size": {size: SUBSET_LABELS[size] for size in LIMITS["size"]},
        "contrast": {part: _contrast_label(part, *limits) for part, limits in LIMITS["contrast"].items()},
        "view": {view: SUBSET_LABELS[view] for view in VIEWS},
    }
    return tuple(
        Line(label, _by_class(f"errors/{key}/{{}}/{by}/{part_key(part)}"), starts=by != "site" and number == 0)
        for by, parts in labels.items()
        for number, (part, label) in enumerate(parts.items())
    )


def _contrast_label(part: str, low: float, high: float) -> str:
    if not low:
        return f"{part}: contrast below {high:g}"
    return f"{part}: from {low:g}" if high == float("inf") else f"{part}: {low:g} to {high:g}"


ERRORS = (
    Table("Share of true boxes found", CLASS_NAMES, _part_lines("sensitivity"), decimals=2),
    Table("Invented boxes per scan", CLASS_NAMES, _part_lines("false_per_scan"), decimals=3),
)


def number_text(decimals: int) -> Callable[[float | None], str]:
    """Return a function that writes numbers with this many decimals, and None as a dash."""

    def write(value: float | None) -> str:
        return "-" if value is None else f"{round(value, decimals) + 0.0:.{decimals}f}"  # no -0.000

    return write
