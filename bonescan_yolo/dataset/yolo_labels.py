"""The YOLO label format: one line per box, `class cx cy w h`, as fractions of the image's size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.boxes import Boxes, from_centres, to_centres
from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.errors import DatasetError
from bonescan_yolo.files import read_regular


def format_labels(
    boxes: Boxes,
    classes: NDArray[np.int64],
    width: int,
    height: int,
    confidences: NDArray[np.float32] | None = None,
) -> str:
    r"""Return the text of a label file; empty without boxes.

    Args:
        boxes: (N, 4) x1 y1 x2 y2 in pixels.
        classes: (N,) class ids.
        width: of the image in pixels.
        height: of the image in pixels.
        confidences: (N,) in [0, 1], a sixth column as Ultralytics writes it; None leaves it out.

    Examples:
        >>> import numpy as np
        >>> from bonescan_yolo.dataset.yolo_labels import format_labels
        >>> box = np.array([[120, 300, 130, 310]], np.float32)
        >>> format_labels(box, np.array([0]), width=256, height=1024)
        '0 0.488281 0.297852 0.039062 0.009766\n'
    """
    size = np.array([width, height, width, height], dtype=np.float64)
    lines = []
    for index, centre in enumerate(to_centres(boxes) / size):
        columns = [str(int(classes[index])), *(f"{value:.6f}" for value in centre)]
        if confidences is not None:
            columns.append(f"{confidences[index]:.6f}")
        lines.append(" ".join(columns))
    return "".join(f"{line}\n" for line in lines)


def read_labels(path: Path, width: int, height: int) -> tuple[Boxes, NDArray[np.int64]]:
    r"""Return the boxes (N, 4) in pixels and the class ids (N,) in a label file.

    Raises:
        DatasetError: the file is missing, or a line is not a known class id and four numbers.

    Examples:
        >>> from pathlib import Path
        >>> from bonescan_yolo.dataset.yolo_labels import read_labels
        >>> path = Path("7.txt")
        >>> _ = path.write_text("0 0.5 0.25 0.125 0.0625\n", encoding="utf-8")
        >>> read_labels(path, width=256, height=1024)
        (array([[112., 224., 144., 288.]], dtype=float32), array([0]))
    """
    try:
        lines = read_regular(path).decode("utf-8").splitlines()
        rows = [[float(value) for value in line.split()[:5]] for line in lines if line.strip()]
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read ({error.strerror}); convert the data set again") from error
    except ValueError as error:
        raise DatasetError(f"{path}: holds something other than numbers; convert the data set again") from error
    if any(len(row) != 5 for row in rows):
        raise DatasetError(f"{path}: has a line without `class cx cy w h`; convert the data set again")
    table = np.array(rows, dtype=np.float64).reshape(-1, 5)
    if not (np.isfinite(table).all() and np.isin(table[:, 0], range(len(CLASS_NAMES))).all()):
        raise DatasetError(
            f"{path}: has a class other than 0 and 1, or a box that is not finite; convert the data set again"
        )
    size = np.array([width, height, width, height], dtype=np.float64)
    return from_centres((table[:, 1:] * size).astype(np.float32)), table[:, 0].astype(np.int64)
