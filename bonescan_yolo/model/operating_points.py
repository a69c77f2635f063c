"""Operating points: three named choices between missed and false boxes, each with a threshold for each class.

A model's card has all three or none. The page for browsers does the same in `web/src/model/operating-points.ts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Final

from bonescan_yolo.errors import ModelError, SettingsError
from bonescan_yolo.model.thresholds import Thresholds

SENSITIVE, BALANCED, SPECIFIC = "sensitive", "balanced", "specific"
POINT_NAMES: Final = (SENSITIVE, BALANCED, SPECIFIC)
"""In the order of their thresholds, lowest first."""


@dataclass(frozen=True)
class OperatingPoints:
    """The thresholds of each operating point; those of a class do not fall from one point to the next.

    Attributes:
        sensitive: finds most, with the most false boxes.
        balanced: the default thresholds of the model.
        specific: has the fewest false boxes.

    Examples:
        >>> from bonescan_yolo.model.operating_points import OperatingPoints
        >>> from bonescan_yolo.model.thresholds import Thresholds
        >>> points = OperatingPoints(Thresholds(0.1, 0.3), Thresholds(0.4, 0.3), Thresholds(0.7, 0.3))
        >>> points.at("specific"), points.name_of(Thresholds(0.4, 0.3)), points.name_of(Thresholds.both(0.5))
        (Thresholds(abnormal=0.7, normal=0.3), 'balanced', None)
    """

    sensitive: Thresholds
    balanced: Thresholds
    specific: Thresholds

    @property
    def are_valid(self) -> bool:
        """Whether all thresholds are from 0 to 1, and none falls from one point to the next."""
        in_order = [self.at(name) for name in POINT_NAMES]
        rises = all(
            lower <= higher
            for before, after in pairwise(in_order)
            for lower, higher in zip(before.by_class, after.by_class, strict=True)
        )
        return rises and all(thresholds.are_valid for thresholds in in_order)

    def at(self, name: str) -> Thresholds:
        """Return the thresholds of one of POINT_NAMES."""
        return {SENSITIVE: self.sensitive, BALANCED: self.balanced, SPECIFIC: self.specific}[name]

    def name_of(self, thresholds: Thresholds) -> str | None:
        """Return the point with these thresholds, None if there is none; of equal points the balanced one."""
        order = (BALANCED, SENSITIVE, SPECIFIC)
        return next((name for name in order if self.at(name) == thresholds), None)

    def as_record(self) -> dict[str, dict[str, float]]:
        """Return the thresholds by name of the point and of the class, for JSON."""
        return asdict(self)


def points_of(record: Mapping[str, Mapping[str, float]]) -> OperatingPoints:
    """Return operating points of a record that `as_record` made.

    Raises:
        TypeError: it is not such a record, or a threshold is not a number.
        ValueError: a threshold is outside 0 to 1, or lower than that of the point before.
    """
    points = OperatingPoints(**{name: Thresholds(**thresholds) for name, thresholds in record.items()})
    if not points.are_valid:
        raise ValueError("thresholds must be from 0 to 1 and must not fall from one point to the next")
    return points


def thresholds_at(points: OperatingPoints | None, name: str, file: str) -> Thresholds:
    """Return the thresholds of a point that a user named.

    Args:
        points: of a model; None if its card has none.
        name: one of POINT_NAMES.
        file: of the model, for messages.

    Raises:
        SettingsError: there is no such name.
        ModelError: the model has no operating points.
    """
    if name not in POINT_NAMES:
        raise SettingsError(f"operating point {name}: is unknown; give {SENSITIVE}, {BALANCED} or {SPECIFIC}")
    if points is None:
        raise ModelError(f"{file}: has no operating points; give --conf")
    return points.at(name)
