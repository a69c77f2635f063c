"""A reading as a picture: the scan as it is, and beside it the scan with the boxes."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.detector import Reading
from bonescan_yolo.model_card import NOTICE

CLASS_COLOURS = ("#ff5a36", "#35c9a5")
"""Vermilion and bluish green: told apart in the common forms of colour blindness."""

BACKGROUND = "#101010"
TEXT_COLOUR = "#d8d8d8"

TARGET_WIDTH_PX = 512
"""Width at which one scan is drawn; 256 pixels are doubled so that boxes of 10 px can be seen."""

MAX_ZOOM = 4
HEADER_PX = 30
FOOTER_PX = 26
GAP_PX = 8
FONT_PX = 14
LABEL_FONT_PX = 12
BOX_MARGIN_PX = 2
"""The outline is drawn this far outside the box, so that it hides nothing of the hot spot."""

BODY_GREY = 6
"""Grey level above which a pixel counts as body rather than scatter and noise."""

BODY_MARGIN_ROWS = 40

DISPLAY_SATURATION = 1.8
"""Grey levels are shown as 255 (1 - exp(-x / (1.8 s))), s the 90th percentile of the body: bone becomes visible
beside a bladder that is ten times hotter, and no hot spot saturates."""


def draw(reading: Reading) -> bytes:
    """Return the picture of a reading as PNG bytes."""
    grey = reading.scan.grey()
    rows = _body_rows(grey, reading)
    zoom = max(1 / MAX_ZOOM, min(MAX_ZOOM, TARGET_WIDTH_PX / grey.shape[1]))
    size = (round(grey.shape[1] * zoom), round((rows.stop - rows.start) * zoom))
    plain = Image.fromarray(_display(grey)[rows]).resize(size, Image.Resampling.BICUBIC).convert("RGB")
    marked = plain.copy()
    _draw_boxes(marked, reading, zoom, rows.start)
    canvas = Image.new("RGB", (2 * size[0] + GAP_PX, size[1] + HEADER_PX + FOOTER_PX), BACKGROUND)
    canvas.paste(plain, (0, HEADER_PX))
    canvas.paste(marked, (size[0] + GAP_PX, HEADER_PX))
    _write_captions(canvas, reading)
    buffer = io.BytesIO()
    canvas.save(buffer, format="PNG", optimize=False, compress_level=3)
    return buffer.getvalue()


def _display(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return grey levels as a reader wants to see them, (height, width) uint8."""
    body = grey[grey > BODY_GREY]
    level = float(np.percentile(body, 90)) if body.size else 1.0
    shown = 255 * (1 - np.exp(-np.arange(256) / (DISPLAY_SATURATION * level)))
    return np.rint(shown).astype(np.uint8)[grey]


def _body_rows(grey: NDArray[np.uint8], reading: Reading) -> slice:
    """Return the rows worth showing: those of the body and the boxes, with a margin."""
    height, width = grey.shape
    filled = np.flatnonzero((grey > BODY_GREY).sum(axis=1) > 0.02 * width)
    edges = [*filled[[0, -1]].tolist()] if filled.size else [0, height - 1]
    edges += [int(edge) for edge in reading.boxes[:, [1, 3]].ravel()]
    return slice(max(0, min(edges) - BODY_MARGIN_ROWS), min(height, max(edges) + BODY_MARGIN_ROWS))


def _draw_boxes(image: Image.Image, reading: Reading, zoom: float, first_row: int) -> None:
    """Draw each box with its confidence in per cent; the best come last, on top."""
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(LABEL_FONT_PX)
    for box, confidence, class_id in reversed(
        list(zip(reading.boxes, reading.confidences, reading.classes, strict=True))
    ):
        colour = CLASS_COLOURS[int(class_id)]
        x1, x2 = float(box[0]) * zoom, float(box[2]) * zoom
        y1, y2 = (float(box[1]) - first_row) * zoom, (float(box[3]) - first_row) * zoom
        corners = (x1 - BOX_MARGIN_PX, y1 - BOX_MARGIN_PX, x2 + BOX_MARGIN_PX, y2 + BOX_MARGIN_PX)
        pen.rectangle(corners, outline=colour, width=1)
        label = f"{100 * confidence:.0f}"
        right = corners[2] + 2
        anchor_right = right + pen.textlength(label, font) > image.width
        position = (corners[0] - 2, corners[1]) if anchor_right else (right, corners[1])
        pen.text(position, label, fill=colour, font=font, anchor="ra" if anchor_right else "la")


def _write_captions(canvas: Image.Image, reading: Reading) -> None:
    """Write the scan's name and view above, the count of each class and the notice below."""
    pen = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(FONT_PX)
    scan = reading.scan
    name = scan.path.name if scan.path else "array"
    if scan.frame_count > 1:
        name += f", frame {scan.frame + 1}"
    title = f"{name} ({scan.view})" if scan.view else name
    pen.text((10, HEADER_PX / 2), title, fill=TEXT_COLOUR, font=font, anchor="lm")
    left = canvas.width / 2 + GAP_PX
    for class_id, count in enumerate((reading.n_abnormal, reading.n_normal)):
        text = f"{count} {CLASS_NAMES[class_id]}"
        pen.text((left, HEADER_PX / 2), text, fill=CLASS_COLOURS[class_id], font=font, anchor="lm")
        left += pen.textlength(text, font) + 2 * FONT_PX
    pen.text((10, canvas.height - FOOTER_PX / 2), NOTICE, fill=TEXT_COLOUR, font=font, anchor="lm")
