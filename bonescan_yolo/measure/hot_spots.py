"""The figures of each hot spot on a scan: area, peak, and uptake beside its surroundings and the other side.

Grey levels are taken as proportional to counts. Where a picture shows its hottest pixels all as 255, ratios there are
too low: `saturated_px` counts such pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.classes import ABNORMAL
from bonescan_yolo.measure.outlines import Outline, outline_hot_spots, union
from bonescan_yolo.model.detector import Reading
from bonescan_yolo.scan.body import Body, find_body
from bonescan_yolo.scan.display import MAX_GREY
from bonescan_yolo.scan.morphology import Mask
from bonescan_yolo.scan.surroundings import OUTLINE_GAP_PX, OUTLINE_RING_PX, ring

LEAST_RING_PX = 8
"""With fewer pixels of surroundings there is no ratio to them."""

LEAST_MIRRORED = 0.5
"""Part of a mirrored hot spot that has to be on the body."""

NOTHING_STANDS_OUT = "nothing stands out in the box"
NO_SURROUNDINGS = "no body around it"
ON_MIDLINE = "it is on the midline"
NO_BODY_OPPOSITE = "no body on the other side"
NO_MIDLINE = "no body on the scan"


@dataclass(frozen=True)
class Ratio:
    """A ratio of mean uptake, or the reason why it is missing."""

    value: float | None
    missing: str | None = None


@dataclass(frozen=True, eq=False)
class HotSpot:
    """One measured hot spot.

    Attributes:
        class_id: of its box.
        outline: its pixels.
        area_mm2: None where the pixel spacing is unknown.
        total: sum of its pixels, in grey levels or counts.
        peak: its hottest pixel.
        saturated_px: pixels of an 8-bit picture that are as bright as it can show.
        to_surroundings: mean of its pixels over the median of the body around it, other hot spots left out.
        to_other_side: mean of its pixels over the mean of those opposite, reflected about the body's midline.
    """

    class_id: int
    outline: Outline
    area_mm2: float | None
    total: float
    peak: float
    saturated_px: int
    to_surroundings: Ratio
    to_other_side: Ratio


@dataclass(frozen=True, eq=False)
class ScanMeasures:
    """What was measured on one scan.

    Attributes:
        reading: what was found on it.
        body: its pixels and midline.
        hot_spots: one for each box, in the order of the reading's.
    """

    reading: Reading
    body: Body
    hot_spots: tuple[HotSpot, ...]

    @property
    def body_total(self) -> float:
        """Sum of the body's pixels, in grey levels or counts."""
        return float(self.reading.scan.pixels[self.body.mask].sum(dtype=np.float64))

    @property
    def abnormal_share(self) -> float | None:
        """Part of the body's counts in abnormal hot spots, each pixel once, in [0, 1]; None without a body."""
        whole = self.body_total
        if not whole:
            return None
        abnormal = [spot.outline for spot in self.hot_spots if spot.class_id == ABNORMAL]
        inside = union(abnormal, self.body.mask.shape) & self.body.mask
        return float(self.reading.scan.pixels[inside].sum(dtype=np.float64)) / whole

    def of_class(self, class_id: int) -> list[HotSpot]:
        """Return the hot spots of a class."""
        return [spot for spot in self.hot_spots if spot.class_id == class_id]


def measure(reading: Reading) -> ScanMeasures:
    """Outline and measure the hot spots in the boxes of a reading.

    Examples:
        >>> import numpy as np
        >>> from bonescan_yolo import Reading, Scan
        >>> from bonescan_yolo.measure.hot_spots import measure
        >>> pixels = np.zeros((1024, 256), np.uint8)
        >>> pixels[100:900, 100:156] = 23  # a bar in place of a body
        >>> pixels[300:310, 140:150] = 250  # with one hot spot
        >>> reading = Reading(
        ...     scan=Scan(pixels, pixel_spacing_mm=(2.0, 2.0)),
        ...     boxes=np.array([[138, 298, 152, 312]], np.float32),
        ...     confidences=np.array([0.9], np.float32),
        ...     classes=np.array([0]),
        ...     scan_abnormal_confidence=0.9,
        ... )
        >>> (spot,) = measure(reading).hot_spots
        >>> spot.area_mm2, spot.peak
        (400.0, 250.0)
        >>> round(spot.to_surroundings.value, 1), round(spot.to_other_side.value, 1)
        (10.9, 10.9)
    """
    pixels = reading.scan.pixels
    body = find_body(pixels)
    outlines = outline_hot_spots(pixels, reading.boxes)
    taken = union(outlines, pixels.shape)
    spots = tuple(
        _measure(reading, body, outline, taken, int(class_id))
        for outline, class_id in zip(outlines, reading.classes, strict=True)
    )
    return ScanMeasures(reading, body, spots)


def _measure(reading: Reading, body: Body, outline: Outline, taken: Mask, class_id: int) -> HotSpot:
    """Return the figures of one hot spot; `taken` are the pixels of all."""
    scan = reading.scan
    inside = scan.pixels[outline.places()]
    spacing = scan.pixel_spacing_mm
    return HotSpot(
        class_id=class_id,
        outline=outline,
        area_mm2=None if spacing is None else outline.area_px * spacing[0] * spacing[1],
        total=float(inside.sum(dtype=np.float64)),
        peak=float(inside.max(initial=0)),
        saturated_px=int((inside == MAX_GREY).sum()) if scan.pixels.dtype == np.uint8 else 0,
        to_surroundings=_to_surroundings(scan.pixels, body, outline, taken),
        to_other_side=_to_other_side(scan.pixels, body, outline),
    )


def _to_surroundings(
    pixels: NDArray[np.uint8] | NDArray[np.float32], body: Body, outline: Outline, taken: Mask
) -> Ratio:
    """Return the uptake of a hot spot over that of the body around it."""
    if not outline.area_px:
        return Ratio(None, NOTHING_STANDS_OUT)
    rows, columns = outline.slices
    wide = (
        slice(max(rows.start - OUTLINE_RING_PX, 0), rows.stop + OUTLINE_RING_PX),
        slice(max(columns.start - OUTLINE_RING_PX, 0), columns.stop + OUTLINE_RING_PX),
    )
    own = union([outline], pixels.shape)[wide]
    near = pixels[wide][ring(own, OUTLINE_GAP_PX, OUTLINE_RING_PX) & body.mask[wide] & ~taken[wide]]
    around = float(np.median(near.astype(np.float64))) if len(near) >= LEAST_RING_PX else 0.0
    if not around:
        return Ratio(None, NO_SURROUNDINGS)
    return Ratio(float(pixels[outline.places()].mean(dtype=np.float64)) / around)


def _to_other_side(pixels: NDArray[np.uint8] | NDArray[np.float32], body: Body, outline: Outline) -> Ratio:
    """Return the uptake of a hot spot over that of the same place on the other side of the body."""
    if not outline.area_px:
        return Ratio(None, NOTHING_STANDS_OUT)
    if body.midline is None:
        return Ratio(None, NO_MIDLINE)
    own = outline.places()
    rows, columns = body.midline.mirror(*own)
    height, width = pixels.shape
    in_scan = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    rows, columns = rows[in_scan], columns[in_scan]
    if union([outline], pixels.shape)[rows, columns].any():
        return Ratio(None, ON_MIDLINE)
    opposite = pixels[rows, columns]
    on_body = body.mask[rows, columns].sum()
    if on_body < LEAST_MIRRORED * outline.area_px or not opposite.any():
        return Ratio(None, NO_BODY_OPPOSITE)
    return Ratio(float(pixels[own].mean(dtype=np.float64) / opposite.mean(dtype=np.float64)))
