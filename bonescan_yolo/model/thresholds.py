"""The confidence above which a box of each class is shown.

The one place of this rule. ONNX nodes do the same inside self-contained files (`export.nodes.threshold_nodes`), and the
page for browsers in `web/src/model/thresholds.ts`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.errors import SettingsError


@dataclass(frozen=True)
class Thresholds:
    """The threshold of each class; a box is shown if its confidence is above that of its class.

    Attributes:
        abnormal: of abnormal boxes, in [0, 1].
        normal: of normal boxes, in [0, 1].

    Examples:
        >>> import numpy as np
        >>> from bonescan_yolo import Thresholds
        >>> thresholds = Thresholds(abnormal=0.4, normal=0.3)
        >>> thresholds.above(np.array([0.35, 0.35], np.float32), classes=np.array([0, 1]))
        array([False,  True])
        >>> str(thresholds), str(Thresholds.both(0.4))
        ('0.4 (abnormal), 0.3 (normal)', '0.4')
    """

    abnormal: float
    normal: float

    @classmethod
    def both(cls, confidence: float) -> Thresholds:
        """Return the same threshold for both classes."""
        return cls(confidence, confidence)

    @property
    def by_class(self) -> tuple[float, float]:
        """The thresholds by class id."""
        return self.abnormal, self.normal

    @property
    def are_equal(self) -> bool:
        """Whether the classes share one threshold."""
        return self.abnormal == self.normal

    @property
    def are_valid(self) -> bool:
        """Whether both are from 0 to 1."""
        return all(0 <= threshold <= 1 for threshold in self.by_class)

    @property
    def lowest(self) -> float:
        """The lower of the two: every box that is shown has a higher confidence."""
        return min(self.by_class)

    def above(self, confidences: NDArray[np.floating[Any]], classes: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which of N boxes are above the threshold of their class, (N,) bool.

        Args:
            confidences: (N,) in [0, 1], float32, or float64 made of such. They are compared in float32, as ONNX files
                do: a float32 of 0.3 is not above a threshold of 0.3.
            classes: (N,) int64 class ids.
        """
        shown: NDArray[np.bool_] = confidences > np.array(self.by_class, np.float32)[classes]
        return shown

    def moved(self, by: float) -> Thresholds:
        """Return thresholds that are higher by a confidence, or lower if it is negative, but from 0 to 1."""
        return Thresholds(*(min(max(threshold + by, 0.0), 1.0) for threshold in self.by_class))

    def as_record(self) -> dict[str, float]:
        """Return the thresholds by class name, for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        """Return one number if the classes share it, else both with the names of the classes."""
        if self.are_equal:
            return f"{self.abnormal:g}"
        return ", ".join(f"{value:g} ({name})" for name, value in self.as_record().items())


def as_thresholds(given: float | Thresholds) -> Thresholds:
    """Return thresholds as they are; a number is that of both classes."""
    return given if isinstance(given, Thresholds) else Thresholds.both(given)


def parse_thresholds(text: str) -> Thresholds:
    """Return the thresholds that a user typed: `0.4`, or one for each class as `abnormal=0.4,normal=0.3`.

    Their range is not checked.

    Raises:
        SettingsError: the text is something else.

    Examples:
        >>> from bonescan_yolo.model.thresholds import parse_thresholds
        >>> parse_thresholds("0.4")
        Thresholds(abnormal=0.4, normal=0.4)
        >>> parse_thresholds("normal=0.3,abnormal=0.4")
        Thresholds(abnormal=0.4, normal=0.3)
    """
    try:
        if "=" not in text:
            return Thresholds.both(float(text))
        pairs = [part.split("=") for part in text.split(",")]
        values = {name.strip(): float(value) for name, value in pairs}
        if len(pairs) != len(CLASS_NAMES) or set(values) != set(CLASS_NAMES):
            raise ValueError("not each class once")
    except ValueError as error:
        raise SettingsError(
            f"--conf {text}: is not a threshold; give a number such as 0.4, or one for each class: "
            "abnormal=0.4,normal=0.3"
        ) from error
    return Thresholds(*(values[name] for name in CLASS_NAMES))
