"""How a scan is drawn, in every output: cut to its body, on one display curve, with marks in the colours of classes.

`draw` gives the picture of a reading: the scan as it is, and beside it the scan with the boxes. Others draw their own
marks on a `Panel`, and put it into the same frame (`framed`). Texts are in `captions`, colours in `colours`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from bonescan_yolo.boxes import Boxes
from bonescan_yolo.model.detector import Reading
from bonescan_yolo.predict.captions import (
    FOOTER_PX,
    GAP_PX,
    HEADER_PX,
    Rectangle,
    label_place,
    write_captions,
    write_doubt,
)
from bonescan_yolo.predict.colours import BACKGROUND, CLASS_COLOURS, in_palette
from bonescan_yolo.predict.drawn_png import drawn_png
from bonescan_yolo.scan.body import BODY_GREY, rows_to_show
from bonescan_yolo.scan.morphology import Mask, dilate

TARGET_WIDTH_PX = 512
"""Width at which one scan is drawn; 256 pixels are doubled so that boxes of 10 px can be seen."""

MAX_HEIGHT_PX = 2048
MAX_ZOOM = 4.0
MIN_PANEL_WIDTH_PX = 360
"""What the captions need."""

LABEL_FONT_PX = 14
OUTLINE_PX = 2
LEGEND = "numbers: confidence in per cent"
BOX_MARGIN_PX = 3
"""The outline is drawn this far outside the box, so that it hides nothing of the hot spot."""

DISPLAY_QUANTILE = 0.9
DISPLAY_SATURATION = 1.8
"""Grey levels are shown as 255 (1 - exp(-x / (1.8 s))), s the 90th percentile of the body: bone becomes visible
beside a bladder that is ten times hotter, and no hot spot saturates. The network sees another curve,
`scan.display.to_tones`, which depends on the body level; pictures keep theirs, so that they stay comparable."""


@dataclass(frozen=True)
class Panel:
    """Some rows of a scan as they are shown.

    Attributes:
        image: the rows, enlarged, as 8-bit grey.
        zoom: pixels of the picture per pixel of the scan.
        first_row: of the scan, at the upper edge.
    """

    image: Image.Image
    zoom: float
    first_row: int

    def place(self, box: NDArray[np.float32], margin_px: float = BOX_MARGIN_PX) -> Rectangle:
        """Return where a box (4,) of the scan is on the picture, wider by a margin in pixels of the picture."""
        x1, y1, x2, y2 = (float(edge) * self.zoom for edge in box - np.array([0, self.first_row, 0, self.first_row]))
        return x1 - margin_px, y1 - margin_px, x2 + margin_px, y2 + margin_px

    def under(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the row and the column of the scan under each row and each column of the picture."""
        width, height = self.image.size
        down, along = (np.floor((np.arange(side) + 0.5) / self.zoom).astype(np.int64) for side in (height, width))
        return down + self.first_row, along


def draw(reading: Reading) -> bytes:
    """Return the picture of a reading as PNG bytes.

    Examples:
        >>> from pathlib import Path
        >>> import numpy as np
        >>> from PIL import Image
        >>> from bonescan_yolo import Reading, Scan
        >>> from bonescan_yolo.predict.drawing import draw
        >>> pixels = np.zeros((1024, 256), np.uint8)
        >>> pixels[100:900, 100:156] = 23  # a bar in place of a body
        >>> pixels[300:310, 140:150] = 250  # with one hot spot
        >>> reading = Reading(
        ...     scan=Scan(pixels),
        ...     boxes=np.array([[138, 298, 152, 312]], np.float32),
        ...     confidences=np.array([0.9], np.float32),
        ...     classes=np.array([0]),
        ...     scan_abnormal_confidence=0.9,
        ... )
        >>> _ = Path("7.png").write_bytes(draw(reading))
        >>> Image.open("7.png").format
        'PNG'
    """
    panel = show_scan(reading.scan.grey(), reading.boxes)
    marked = panel.image.convert("RGB")
    _draw_boxes(marked, reading, panel)
    return framed(reading, panel, marked, LEGEND)


def show_scan(grey: NDArray[np.uint8], boxes: Boxes) -> Panel:
    """Return what of a scan is worth showing, at the size of a picture.

    Args:
        grey: (height, width) display grey levels.
        boxes: (N, 4) in its pixels; they are shown wherever they are.
    """
    rows = rows_to_show(grey, boxes)
    zoom = min(MAX_ZOOM, TARGET_WIDTH_PX / grey.shape[1], MAX_HEIGHT_PX / (rows.stop - rows.start))
    return show_rows(grey, rows, zoom)


def show_rows(grey: NDArray[np.uint8], rows: slice, zoom: float) -> Panel:
    """Return some rows of a scan, enlarged."""
    shown = display(grey)[rows]
    size = (max(1, round(shown.shape[1] * zoom)), max(1, round(shown.shape[0] * zoom)))
    return Panel(Image.fromarray(shown).resize(size, Image.Resampling.BICUBIC), zoom, rows.start)


def framed(reading: Reading, panel: Panel, marked: Image.Image, legend: str) -> bytes:
    """Return a PNG of a scan beside the same with marks, with captions above and below."""
    width = max(panel.image.width, MIN_PANEL_WIDTH_PX)
    inset = (width - panel.image.width) // 2
    doubts = [doubt.message for doubt in reading.scan.quality.doubts]
    height = HEADER_PX + panel.image.height + FOOTER_PX
    canvas = Image.new("RGB", (2 * width + GAP_PX, height + len(doubts) * FOOTER_PX), BACKGROUND)
    canvas.paste(panel.image, (inset, HEADER_PX))
    canvas.paste(marked, (width + GAP_PX + inset, HEADER_PX))
    write_captions(canvas, reading, width, legend, height - FOOTER_PX / 2)
    for number, doubt in enumerate(doubts):
        write_doubt(canvas, doubt, height + (number + 1 / 2) * FOOTER_PX)
    return drawn_png(in_palette(canvas), compress_level=3)


def draw_box(pen: ImageDraw.ImageDraw, place: Rectangle, class_id: int, width_px: int = OUTLINE_PX) -> None:
    """Draw a rectangle in the colour of a class, inwards from its edges."""
    pen.rectangle(place, outline=CLASS_COLOURS[class_id], width=width_px)


def draw_circle(pen: ImageDraw.ImageDraw, place: Rectangle, class_id: int, width_px: int = OUTLINE_PX) -> None:
    """Draw an ellipse in the colour of a class, inwards from the edges of a rectangle."""
    pen.ellipse(place, outline=CLASS_COLOURS[class_id], width=width_px)


def draw_outline(marked: Image.Image, panel: Panel, corner: tuple[int, int], mask: Mask, class_id: int) -> None:
    """Draw a line of one pixel of the picture around a mask, along the edges of the scan's pixels, on their outside.

    Args:
        marked: the panel in colour; drawn on.
        panel: what it shows.
        corner: row and column of the mask's upper left pixel on the scan.
        mask: (height, width).
        class_id: gives the colour.
    """
    (row, column), (height, width) = corner, mask.shape
    down, along = panel.under()
    top, bottom = down.searchsorted([row, row + height]).tolist()
    left, right = along.searchsorted([column, column + width]).tolist()
    area = np.pad(mask[down[top:bottom] - row][:, along[left:right] - column], 1)
    line = Image.fromarray(dilate(area) & ~area)
    marked.paste(CLASS_COLOURS[class_id], (left - 1, top - 1), line)


def display(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return grey levels on the display curve of all pictures, (height, width) uint8."""
    body = np.bincount(grey.ravel(), minlength=256)[BODY_GREY + 1 :].cumsum()
    level = BODY_GREY + 1 + float(body.searchsorted(DISPLAY_QUANTILE * body[-1])) if body[-1] else 1.0
    shown = 255 * (1 - np.exp(-np.arange(256) / (DISPLAY_SATURATION * level)))
    return np.rint(shown).astype(np.uint8)[grey]


def _draw_boxes(image: Image.Image, reading: Reading, panel: Panel) -> None:
    """Draw each box, then beside it its confidence in per cent; the best boxes come last, on top."""
    pen = ImageDraw.Draw(image)
    outlines = [panel.place(box) for box in reading.boxes]
    for outline, class_id in reversed(list(zip(outlines, reading.classes, strict=True))):
        draw_box(pen, outline, int(class_id))
    font = ImageFont.load_default(LABEL_FONT_PX)
    taken = list(outlines)
    for outline, class_id, confidence in zip(outlines, reading.classes, reading.confidences, strict=True):
        text = f"{100 * confidence:.0f}"
        place = label_place(outline, (pen.textlength(text, font), LABEL_FONT_PX), image.size, taken)
        taken.append(place)
        colour = CLASS_COLOURS[int(class_id)]
        pen.text(place[:2], text, fill=colour, font=font, stroke_width=1, stroke_fill=BACKGROUND)
