"""Model files behind one interface: grey levels in, boxes in pixels of the scan out. And networks with steps around.

A stock file and a .pt file give raw scores and boxes, of which the steps here make those of a scan. A self-contained
file has these steps inside (`app_layout`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.boxes import Boxes, areas, from_centres, suppress
from bonescan_yolo.classes import ABNORMAL, NORMAL
from bonescan_yolo.errors import ModelError
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.fitting import Fit, fit
from bonescan_yolo.model.onnx_file import OnnxFile, open_session
from bonescan_yolo.model.rescoring import FLOOR, Rescoring, rescore, rescore_top
from bonescan_yolo.model.thresholds import Thresholds

if TYPE_CHECKING:
    import onnxruntime

MAX_DETECTIONS = 300
"""Ultralytics' limit. A scan with spots that a reader would still count has under 100."""

MAX_CANDIDATES = 3000
"""Number of best boxes that enter non-maximum suppression; its cost grows with the square."""

MAX_ANCHORS = 10_000_000
"""Of a network's raw output; that of 1024 x 256 pixels has 5,376, with finer levels 21,760."""


@dataclass(frozen=True, eq=False)
class Detections:
    """Boxes on one scan, best first.

    Attributes:
        boxes: (N, 4) float32, x1 y1 x2 y2 in pixels of the scan as given.
        confidences: (N,) float32 in [0, 1].
        classes: (N,) int64, 0 abnormal, 1 normal.
        scan_abnormal_confidence: highest confidence of any abnormal box, shown or not, in [0, 1].
        cover: (bones, rows, columns) uint8, how much each of `region_names.BONES` covers each cell of 4 x 4 pixels of
            the network's frame, from 0 to `region_map.WHOLE`; None if the model sees no bones, or was not asked.
    """

    boxes: Boxes
    confidences: NDArray[np.float32]
    classes: NDArray[np.int64]
    scan_abnormal_confidence: float
    cover: NDArray[np.uint8] | None = field(default=None, kw_only=True)

    @property
    def n_abnormal(self) -> int:
        """Number of abnormal boxes."""
        return int((self.classes == ABNORMAL).sum())

    @property
    def n_normal(self) -> int:
        """Number of normal boxes."""
        return int((self.classes == NORMAL).sum())


class Layout(Protocol):
    """The interface of a model file, opened with its thresholds, to the detector."""

    def find(self, grey: NDArray[np.uint8]) -> Detections:
        """Return the boxes on a scan of (H, W) grey levels: those above thresholds, the best of overlapping ones."""


@dataclass(frozen=True)
class Shown:
    """Which boxes are shown: those above the thresholds after rescoring, the best of overlapping ones.

    Attributes:
        thresholds: of the classes.
        iou: the limit of non-maximum suppression, in [0, 1].
        rescoring: how much the other abnormal boxes of a scan count.
    """

    thresholds: Thresholds
    iou: float
    rescoring: Rescoring

    @property
    def least(self) -> float:
        """Confidence above which a cell is a candidate: rescoring may lift it above the threshold of its class."""
        return self.thresholds.lowest if self.rescoring.is_off else min(self.thresholds.lowest, FLOOR)


class RawLayout(ABC):
    """A network from a frame to raw scores and boxes of all anchors, with the steps before and after it."""

    def __init__(self, card: ModelCard, shown: Shown, name: str) -> None:
        """Take the size of the frame from a card; `shown` says which boxes, `name` is the file's, for messages."""
        self._card = card
        self._shown = shown
        self._name = name

    def find(self, grey: NDArray[np.uint8]) -> Detections:
        """See Layout."""
        frame, place = fit(grey, self._card.input_height, self._card.input_width)
        raw = self.run(frame)
        if not self._is_sound(raw):
            raise unsound(self._name)
        return _decode(raw, place, self._shown)

    def _is_sound(self, raw: NDArray[np.float32]) -> bool:
        """Return whether the network gave boxes and scores of anchors, and nothing else."""
        rows = 4 + len(self._card.class_names)
        if raw.ndim != len(("row", "anchor")) or raw.shape[0] != rows or not 0 < raw.shape[1] <= MAX_ANCHORS:
            return False
        return bool(np.isfinite(raw).all()) and bool(((raw[4:] >= 0) & (raw[4:] <= 1)).all())

    @abstractmethod
    def run(self, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the network's raw output for a frame of its input size.

        Args:
            frame: (input height, input width) uint8 display grey levels.

        Returns:
            (4 + classes, anchors) float32: centre x, centre y, width, height in input pixels, then one score per class.
        """


class StockLayout(RawLayout):
    """A file in Ultralytics' layout."""

    def __init__(self, file: OnnxFile, card: ModelCard, shown: Shown, threads: int = 0) -> None:
        """Open a session with this number of threads; 0 means one per core.

        Raises:
            ModelError: the file does not match its card, or cannot be loaded.
        """
        super().__init__(card, shown, str(file.path))
        self._session = open_session(file, threads, {}).session
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        shapes = [(1, 1, card.input_height, card.input_width), (1, 4 + len(card.class_names), None)]
        values = [*inputs, *outputs]
        sound = len(inputs) == 1 and len(values) == len(shapes)
        if not sound or not all(fits(value.shape, shape) for value, shape in zip(values, shapes, strict=True)):
            raise mismatch(file.path, values)
        self._input_name = inputs[0].name

    def run(self, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See RawLayout."""
        images = frame[None, None].astype(np.float32) / np.float32(255)
        (output,) = run_session(self._session, None, {self._input_name: images}, self._name)
        if output.dtype != np.float32:
            raise unsound(self._name)
        raw: NDArray[np.float32] = output[0]
        return raw


def run_session(
    session: onnxruntime.InferenceSession, outputs: list[str] | None, feeds: Mapping[str, object], name: str
) -> list[NDArray[Any]]:
    """Return what a network gives, as `session.run` does.

    Raises:
        ModelError: it cannot be run, or gives anything but arrays.
    """
    try:
        results: list[NDArray[Any]] = session.run(outputs, feeds)
    except Exception as error:  # onnxruntime's exceptions share no base class
        raise ModelError(f"{name}: its network fails on this scan; export it again") from error
    if not all(isinstance(result, np.ndarray) for result in results):
        raise unsound(name)
    return results


def unsound(name: str) -> ModelError:
    """Return the error of a network whose results are not those of its layout."""
    return ModelError(f"{name}: its network gives numbers that are not boxes and confidences; export it again")


def _decode(output: NDArray[np.float32], place: Fit, shown: Shown) -> Detections:
    """Return the boxes in the network's raw output."""
    scores = output[4:]
    classes = scores.argmax(axis=0)
    confidences = scores.max(axis=0)
    candidates = np.flatnonzero(confidences > np.float32(shown.least))
    if len(candidates) > MAX_CANDIDATES:
        best = np.argsort(-confidences[candidates], kind="stable")[:MAX_CANDIDATES]
        candidates = candidates[best]
    boxes = from_centres(output[:4, candidates].T)
    kept = suppress(boxes, confidences[candidates], classes[candidates], shown.iou)[:MAX_DETECTIONS]
    alone, labels = confidences[candidates[kept]], classes[candidates[kept]]
    together = rescore(alone, labels, shown.rescoring)
    in_scan = place.to_scan(boxes[kept])
    # a box in the margin beside a fitted scan is clipped to nothing
    visible = np.flatnonzero((areas(in_scan) > 0) & shown.thresholds.above(together, labels))
    order = visible[np.argsort(-together[visible], kind="stable")]
    top = rescore_top(float(scores[ABNORMAL].max()), alone, labels, shown.rescoring)
    return Detections(in_scan[order], together[order], labels[order], top)


def mismatch(path: Path, values: Sequence[onnxruntime.NodeArg]) -> ModelError:
    """Return the error of a network whose inputs and outputs are not those of its layout."""
    seen = [value.shape for value in values]
    return ModelError(f"{path}: its network does not match its description (shapes {seen}); export it again")


def fits(shape: Sequence[int | str | None], wanted: Sequence[int | None]) -> bool:
    """Return whether a shape has the wanted sides; only sides that are numbers in both are compared."""
    return len(shape) == len(wanted) and all(
        size is None or not isinstance(side, int) or side == size for side, size in zip(shape, wanted, strict=True)
    )
