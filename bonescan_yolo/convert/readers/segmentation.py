"""The box around a COCO segmentation: polygons, or runs of pixels.

Runs are counted down the columns of the mask, the first one outside the object. Compressed, they are a text of six
bits per character, least significant first, each run from the third on minus the one two before it
(https://github.com/cocodataset/cocoapi, `common/maskApi.c`).
"""

from __future__ import annotations

from collections.abc import Sequence

from bonescan_yolo.convert.readers.shape_bounds import bounds_of, pairs
from bonescan_yolo.convert.survey import XYXY


def bounds_of_segmentation(value: object) -> XYXY | None:
    """Return the smallest box around a segmentation in pixels, or None if it is invalid or empty.

    Examples:
        >>> from bonescan_yolo.convert.readers.segmentation import bounds_of_segmentation
        >>> bounds_of_segmentation([[5, 1, 9, 4, 2, 8]])
        (2.0, 1.0, 9.0, 8.0)
        >>> bounds_of_segmentation({"size": [4, 3], "counts": [5, 2, 5]})  # rows 1 and 2 of column 1
        (1.0, 1.0, 2.0, 3.0)
    """
    try:
        if isinstance(value, dict):
            counts, height = value["counts"], int(value["size"][0])
            runs = _decompress(counts) if isinstance(counts, str) else [int(count) for count in counts]
            return _bounds_of_runs(runs, height)
        if not isinstance(value, list):
            return None
        polygons = value if value and isinstance(value[0], list) else [value]
        numbers = [[float(number) for number in polygon] for polygon in polygons]
        points = [point for polygon in numbers for point in pairs(polygon)]
        return bounds_of(points) if len(points) > 1 else None
    except (KeyError, IndexError, TypeError, ValueError, OverflowError):
        return None


def _bounds_of_runs(runs: Sequence[int], height: int) -> XYXY | None:
    """Return the box around the second, fourth, ... run."""
    if height < 1 or min(runs, default=0) < 0:
        return None
    points: list[tuple[float, float]] = []
    start = 0
    for index, run in enumerate(runs):
        if index % 2 and run:
            (left, top), (right, bottom) = divmod(start, height), divmod(start + run - 1, height)
            if right > left:  # the run goes on in another column: it reaches the mask's lower and upper edge
                top, bottom = 0, height - 1
            points += [(float(left), float(top)), (float(right + 1), float(bottom + 1))]
        start += run
    return bounds_of(points) if points else None


def _decompress(text: str) -> list[int]:
    """Return the runs of a compressed mask."""
    runs: list[int] = []
    value = shift = 0
    for character in text:
        bits = ord(character) - 48
        value |= (bits & 0x1F) << shift
        shift += 5
        if bits & 0x20:
            continue
        if bits & 0x10:
            value -= 1 << shift
        runs.append(value + runs[-2] if len(runs) > 2 else value)
        value = shift = 0
    return runs
