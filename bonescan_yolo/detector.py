"""The detector: a scan in, boxes out, with numpy and onnxruntime alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.boxes import Boxes, areas, from_centres, suppress
from bonescan_yolo.classes import ABNORMAL, NORMAL
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.files import sha256_of
from bonescan_yolo.fitting import Fit, fit
from bonescan_yolo.model_card import ModelCard, read_model_card
from bonescan_yolo.scan.read import read_scans
from bonescan_yolo.scan.record import Scan, normalise_pixels
from bonescan_yolo.telemetry import disable_onnxruntime_telemetry

if TYPE_CHECKING:
    import onnxruntime

DEFAULT_MODEL = Path("weights") / "bonescan.onnx"
"""The project's own, shipped with its source; looked for in the working folder, then beside the package."""

MAX_DETECTIONS = 300
"""A scan a reader would still count has under 100; the same limit as Ultralytics."""

MAX_CANDIDATES = 3000
"""Best boxes that enter non-maximum suppression, whose cost grows with the square."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What the detector found on one scan, best first.

    Attributes:
        scan: the scan read.
        boxes: (N, 4) float32, x1 y1 x2 y2 in pixels of the scan as given.
        confidences: (N,) float32 in [0, 1].
        classes: (N,) int64, 0 abnormal, 1 normal.
        scan_abnormal_confidence: highest confidence of any abnormal box, shown or not, in [0, 1].
    """

    scan: Scan
    boxes: Boxes
    confidences: NDArray[np.float32]
    classes: NDArray[np.int64]
    scan_abnormal_confidence: float

    @property
    def n_abnormal(self) -> int:
        """Number of abnormal boxes."""
        return int((self.classes == ABNORMAL).sum())

    @property
    def n_normal(self) -> int:
        """Number of normal boxes."""
        return int((self.classes == NORMAL).sum())


class Detector:
    """A model ready to read scans.

    from bonescan_yolo import Detector
    for reading in Detector()("scan.png"):
        print(reading.boxes, reading.confidences, reading.classes)
    """

    def __init__(
        self,
        model: str | Path | None = None,
        confidence: float | None = None,
        iou: float | None = None,
        threads: int = 0,
    ) -> None:
        """Load a model.

        Args:
            model: an ONNX file that `bonescan_yolo.export` wrote; None takes the project's own.
            confidence: only boxes above it are shown, in [0, 1]; None takes the model's own.
            iou: of two boxes of a class that overlap more, the weaker goes, in [0, 1]; None takes the model's own.
            threads: of the CPU for one scan; 0 takes as many as there are cores.

        Raises:
            BonescanError: the file is missing or no model of this project, or a threshold is out of range.
        """
        self.path = Path(model) if model is not None else find_default_model()
        self._session = _open(self.path, threads)
        metadata = self._session.get_modelmeta().custom_metadata_map
        self.card: ModelCard = read_model_card(metadata, str(self.path))
        _check_layout(self._session, self.card, self.path)
        self.confidence = _fraction(confidence, self.card.confidence, "confidence")
        self.iou = _fraction(iou, self.card.iou, "iou")
        self._input_name = self._session.get_inputs()[0].name

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the model file."""
        return sha256_of(self.path)

    def __call__(self, source: str | Path | NDArray[Any]) -> list[Reading]:
        """Read a file, or an array (height, width) of grey levels or counts: one reading a frame.

        Raises:
            BonescanError: the source is not a scan that can be read.
        """
        if isinstance(source, np.ndarray):
            pixels, inverted = normalise_pixels(source, "array")
            return [self.read(Scan(pixels=pixels, inverted=inverted))]
        return [self.read(scan) for scan in read_scans(Path(source))]

    def read(self, scan: Scan) -> Reading:
        """Return what is on a scan."""
        frame, place = fit(scan.grey(), self.card.input_height, self.card.input_width)
        return self._decode(self.run(frame), scan, place)

    def run(self, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the network's raw output for a frame of its input size.

        Args:
            frame: (input height, input width) uint8 display grey levels.

        Returns:
            (4 + classes, anchors) float32: centre x, centre y, width, height in input pixels, then a score a class.
        """
        images = frame[None, None].astype(np.float32) / np.float32(255)
        (output,) = self._session.run(None, {self._input_name: images})
        raw: NDArray[np.float32] = output[0]
        return raw

    def _decode(self, output: NDArray[np.float32], scan: Scan, place: Fit) -> Reading:
        """Return a reading from the network's raw output."""
        scores = output[4:]
        classes = scores.argmax(axis=0)
        confidences = scores.max(axis=0)
        candidates = np.flatnonzero(confidences > self.confidence)
        if len(candidates) > MAX_CANDIDATES:
            best = np.argsort(-confidences[candidates], kind="stable")[:MAX_CANDIDATES]
            candidates = candidates[best]
        boxes = from_centres(output[:4, candidates].T)
        kept = suppress(boxes, confidences[candidates], classes[candidates], self.iou)[:MAX_DETECTIONS]
        in_scan = place.to_scan(boxes[kept])
        visible = areas(in_scan) > 0  # a box in the margin beside a fitted scan is cut to nothing
        chosen = candidates[kept][visible]
        return Reading(
            scan=scan,
            boxes=in_scan[visible],
            confidences=confidences[chosen],
            classes=classes[chosen],
            scan_abnormal_confidence=float(scores[ABNORMAL].max()),
        )


def find_default_model() -> Path:
    """Return the path of the project's own model.

    Raises:
        BonescanError: there is none.
    """
    for path in (DEFAULT_MODEL, Path(__file__).parent.parent / DEFAULT_MODEL):
        if path.is_file():
            return path
    raise BonescanError(
        f"{DEFAULT_MODEL}: is missing; it comes with the project's source. Put it there, or give --model, such as "
        "weights/finetuned.onnx of `make export` or runs/demo/bonescan.onnx of `make demo`"
    )


def _open(path: Path, threads: int) -> onnxruntime.InferenceSession:
    """Return an onnxruntime session on the CPU."""
    if not path.is_file():
        wrong = "is a folder" if path.is_dir() else "does not exist"
        raise BonescanError(f"{path}: {wrong}; give the path of an ONNX model")
    disable_onnxruntime_telemetry()
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or os.cpu_count() or 1
    options.log_severity_level = 3  # errors only
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's exceptions share no base class of their own
        raise BonescanError(f"{path}: is not an ONNX model that can be loaded; export it again") from error


def _check_layout(session: onnxruntime.InferenceSession, card: ModelCard, path: Path) -> None:
    """Make sure that the network takes and gives what its description says; an axis named by a text is free."""
    inputs, outputs = session.get_inputs(), session.get_outputs()
    shapes = [value.shape for value in (*inputs, *outputs)]
    if (
        (len(inputs), len(outputs)) != (1, 1)
        or not _fits(shapes[0], (1, 1, card.input_height, card.input_width))
        or not _fits(shapes[1], (1, 4 + len(card.class_names), None))
    ):
        raise BonescanError(f"{path}: its network is not the one it describes (shapes {shapes}); export it again")


def _fits(shape: Sequence[int | str | None], wanted: Sequence[int | None]) -> bool:
    """Tell whether a shape has the wanted sides, where both name a number."""
    return len(shape) == len(wanted) and all(
        size is None or not isinstance(side, int) or side == size for side, size in zip(shape, wanted, strict=True)
    )


def _fraction(given: float | None, default: float, name: str) -> float:
    """Return a threshold that lies in [0, 1]."""
    value = default if given is None else given
    if not 0 <= value <= 1:
        raise BonescanError(f"{name} {value}: lies outside 0 to 1; give a fraction such as {default}")
    return value
