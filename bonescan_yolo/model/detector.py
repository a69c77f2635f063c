"""The detector: a scan in, boxes out, with only numpy and onnxruntime."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.errors import ModelError, ScanError, SettingsError
from bonescan_yolo.files import sha256_of
from bonescan_yolo.model.app_layout import AppLayout
from bonescan_yolo.model.card import APP, ModelCard, read_model_card
from bonescan_yolo.model.onnx_file import read_onnx
from bonescan_yolo.model.operating_points import thresholds_at
from bonescan_yolo.model.runtime import Detections, Layout, Shown, StockLayout
from bonescan_yolo.model.scan_sites import sites_on_scan
from bonescan_yolo.model.thresholds import Thresholds, as_thresholds
from bonescan_yolo.regions.box_sites import BoxSite
from bonescan_yolo.resources import shipped_model
from bonescan_yolo.scan.read import read_scans
from bonescan_yolo.scan.record import Scan, normalise_pixels


@dataclass(frozen=True, eq=False)
class Reading(Detections):
    """What the detector found on one scan, best first: its boxes, and the scan.

    Attributes:
        scan: the scan read.
        sites: where each box is, in the order of the boxes; None for a box over no bone. The whole is None if the model
            sees no bones, or was not asked for them.
    """

    scan: Scan
    sites: tuple[BoxSite | None, ...] | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check that there is a site for each box.

        Raises:
            ValueError: there is not.
        """
        if self.sites is not None and len(self.sites) != len(self.boxes):
            raise ValueError(f"{len(self.boxes)} boxes have {len(self.sites)} sites")


class Detector:
    """A loaded model that finds boxes on scans.

    Examples:
        >>> from bonescan_yolo import Detector
        >>> detector = Detector(confidence=0.3)
        >>> detector.confidence, detector.card.class_names
        (0.3, ('abnormal', 'normal'))
    """

    def __init__(
        self,
        model: str | Path | None = None,
        confidence: float | Thresholds | None = None,
        iou: float | None = None,
        threads: int = 0,
        *,
        operating_point: str | None = None,
        regions: bool = False,
    ) -> None:
        """Load a model.

        Args:
            model: an ONNX file written by `bonescan export`, of either layout; None means the shipped one.
            confidence: boxes above it are returned, in [0, 1], one for both classes or `Thresholds`; None means the
                model's default.
            iou: the weaker of two boxes of a class is dropped if their IoU is above this, in [0, 1]; None means the
                model's default.
            threads: CPU threads per scan; 0 means one per core.
            operating_point: `sensitive`, `balanced` or `specific`, in place of a confidence.
            regions: whether to read where each box is too, which takes a little longer. Only self-contained files of
                networks that learned bones can say it; of others `cover` and `sites` stay None.

        Raises:
            ModelError: the file is missing or not a model of this project, a threshold is out of range, or the model
                has no operating points.
            SettingsError: there is no such operating point, or a confidence was given too.
        """
        if confidence is not None and operating_point is not None:
            raise SettingsError(f"operating point {operating_point}: was given with a confidence; give one of them")
        self.path = Path(model) if model is not None else shipped_model()
        file = read_onnx(self.path)
        self.card: ModelCard = read_model_card(file.metadata, str(self.path))
        if operating_point is not None:
            confidence = thresholds_at(self.card.operating_points, operating_point, str(self.path))
        self.thresholds = _checked(confidence, self.card.thresholds)
        self.iou = fraction(iou, self.card.iou, "iou")
        shown = Shown(self.thresholds, self.iou, self.card.rescoring)
        self.layout: Layout = (
            AppLayout(file, self.card, shown, threads, regions=regions)
            if self.card.layout == APP
            else StockLayout(file, self.card, shown, threads)
        )

    @property
    def confidence(self) -> float:
        """The threshold in [0, 1], the lower one if each class has its own: all boxes have a higher confidence."""
        return self.thresholds.lowest

    @property
    def operating_point(self) -> str | None:
        """The model's operating point that has the thresholds; None if no point has them."""
        points = self.card.operating_points
        return None if points is None else points.name_of(self.thresholds)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the model file."""
        return sha256_of(self.path)

    def __call__(self, source: str | Path | NDArray[Any], *, force: bool = False) -> list[Reading]:
        """Read a file, or an array (height, width) of grey levels or counts; returns one reading per frame.

        Args:
            source: the file, or the array.
            force: whether to read scans that the quality check refuses too (`Scan.quality` says why it cannot).

        Raises:
            ScanError: the source is not a readable scan; or it cannot be a whole-body bone scan, and `force` is False.

        Examples:
            A bar in place of a body, with one hot spot. A path, such as `detector("scan.png")`, is read the same way.

            >>> import numpy as np
            >>> from bonescan_yolo import Detector
            >>> pixels = np.zeros((1024, 256), np.uint8)
            >>> pixels[100:900, 100:156] = 23
            >>> pixels[300:310, 120:130] = 250
            >>> (reading,) = Detector()(pixels)
            >>> reading.boxes.round()  # x1 y1 x2 y2
            array([[120., 300., 130., 310.]], dtype=float32)
            >>> reading.classes, reading.n_abnormal  # class 0 is abnormal, 1 is normal
            (array([0]), 1)
        """
        if isinstance(source, np.ndarray):
            pixels, inverted = normalise_pixels(source, "array")
            scans = [Scan(pixels=pixels, inverted=inverted)]
        else:
            scans = read_scans(Path(source))
        for scan in () if force else scans:
            check_quality(scan, "force=True")
        return [self.read(scan) for scan in scans]

    def read(self, scan: Scan) -> Reading:
        """Return the reading of one scan, whatever its quality."""
        found = self.layout.find(scan.grey())
        return Reading(
            found.boxes,
            found.confidences,
            found.classes,
            found.scan_abnormal_confidence,
            scan,
            cover=found.cover,
            sites=sites_on_scan(scan, found.cover, found.boxes),
        )


def check_quality(scan: Scan, way_out: str) -> None:
    """Refuse a scan that cannot be a whole-body bone scan; `way_out` is how it can be read all the same.

    Raises:
        ScanError: its quality says that nothing can be read from it.
    """
    if scan.quality.refusal is not None:
        raise ScanError(f"{scan.name}: {scan.quality.refusal}, or read it anyway with {way_out}")


def _checked(given: float | Thresholds | None, own: Thresholds) -> Thresholds:
    """Return the thresholds that were given, else the model's own; see `require_fractions`."""
    thresholds = own if given is None else as_thresholds(given)
    require_fractions(thresholds, own)
    return thresholds


def require_fractions(thresholds: Thresholds, such_as: Thresholds) -> None:
    """Check that thresholds are in range; `such_as` is an example for the message.

    Raises:
        ModelError: one is outside [0, 1].
    """
    for threshold, example in zip(thresholds.by_class, such_as.by_class, strict=True):
        fraction(threshold, example, "confidence")


def fraction(given: float | None, default: float, name: str) -> float:
    """Return a threshold; None means the default.

    Raises:
        ModelError: it is outside [0, 1].
    """
    value = default if given is None else given
    if not 0 <= value <= 1:
        raise ModelError(f"{name} {value}: is outside 0 to 1; give a fraction such as {default}")
    return value
