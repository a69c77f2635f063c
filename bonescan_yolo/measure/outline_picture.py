"""The outlines drawn on their scan, beside the scan as it is, in the frame of predict's pictures."""

from __future__ import annotations

from bonescan_yolo.measure.hot_spots import ScanMeasures
from bonescan_yolo.predict.drawing import draw_outline, framed, show_scan

LEGEND = "lines: outlines of the measured hot spots"


def draw(measures: ScanMeasures) -> bytes:
    """Return a PNG: the scan as predict shows it, and beside it the same with the outlines.

    Outlines are drawn along the edges of the scan's pixels, on their outside, in the colour of their class.
    """
    reading = measures.reading
    panel = show_scan(reading.scan.grey(), reading.boxes)
    marked = panel.image.convert("RGB")
    for spot in measures.hot_spots:
        outline = spot.outline
        draw_outline(marked, panel, (outline.row, outline.column), outline.mask, spot.class_id)
    return framed(reading, panel, marked, LEGEND)
