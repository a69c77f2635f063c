"""A reading as a picture: the scan as it is, and beside it the scan with the boxes."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw, ImageFont

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.errors import one_line
from bonescan_yolo.model.card import NOTICE
from bonescan_yolo.model.detector import Reading
from bonescan_yolo.scan.body import BODY_GREY, rows_to_show

CLASS_COLOURS = ("#ff5a36", "#35c9a5")
"""Vermilion and bluish green: told apart in the common forms of colour blindness."""

GREYS, SHADES = 224, 16
"""Colours of the picture: with SHADES of each class's colour, 256 in all."""

BACKGROUND = "#101010"
TEXT_COLOUR = "#d8d8d8"

TARGET_WIDTH_PX = 512
"""Width at which one scan is drawn; 256 pixels are doubled so that boxes of 10 px can be seen."""

MAX_HEIGHT_PX = 2048
MAX_ZOOM = 4.0
MIN_PANEL_WIDTH_PX = 360
"""What the captions need."""

HEADER_PX = 30
FOOTER_PX = 26
GAP_PX = 8
CAPTION_INSET_PX = 10
FONT_PX = 14
LABEL_FONT_PX = 14
LABEL_GAP_PX = 3
OUTLINE_PX = 2
LEGEND = "numbers: confidence in per cent"
BOX_MARGIN_PX = 3
"""The outline is drawn this far outside the box, so that it hides nothing of the hot spot."""

Rectangle = tuple[float, float, float, float]
"""Left, upper, right and lower edge in pixels of the picture."""

DISPLAY_QUANTILE = 0.9
DISPLAY_SATURATION = 1.8
"""Grey levels are shown as 255 (1 - exp(-x / (1.8 s))), s the 90th percentile of the body: bone becomes visible
beside a bladder that is ten times hotter, and no hot spot saturates."""


def draw(reading: Reading) -> bytes:
    """Return the picture of a reading as PNG bytes."""
    grey = reading.scan.grey()
    rows = rows_to_show(grey, reading.boxes)
    shown_rows = rows.stop - rows.start
    zoom = min(MAX_ZOOM, TARGET_WIDTH_PX / grey.shape[1], MAX_HEIGHT_PX / shown_rows)
    size = (max(1, round(grey.shape[1] * zoom)), max(1, round(shown_rows * zoom)))
    plain = Image.fromarray(_display(grey)[rows]).resize(size, Image.Resampling.BICUBIC)
    marked = plain.convert("RGB")
    _draw_boxes(marked, reading, zoom, rows.start)
    panel = max(size[0], MIN_PANEL_WIDTH_PX)
    inset = (panel - size[0]) // 2
    canvas = Image.new("RGB", (2 * panel + GAP_PX, size[1] + HEADER_PX + FOOTER_PX), BACKGROUND)
    canvas.paste(plain, (inset, HEADER_PX))
    canvas.paste(marked, (panel + GAP_PX + inset, HEADER_PX))
    _write_captions(canvas, reading, panel)
    buffer = io.BytesIO()
    in_palette(canvas).save(buffer, format="PNG", optimize=False, compress_level=3)
    return buffer.getvalue()


def in_palette(picture: Image.Image) -> Image.Image:
    """Return a picture in greys and shades of each class's colour on the background, however few pixels have it.

    It is half as large as in full colour and takes a quarter of the time to encode; no pixel of the scan changes by
    more than 4 grey levels, for Pillow looks colours up coarsely.
    """
    return picture.quantize(palette=_palette(), dither=Image.Dither.NONE)


def _palette() -> Image.Image:
    """Return an image that holds the palette."""
    greys = [round(255 * level / (GREYS - 1)) for level in range(GREYS)]
    colours = [(grey, grey, grey) for grey in greys]
    dark = np.array(ImageColor.getrgb(BACKGROUND))
    for name in CLASS_COLOURS:
        parts = np.arange(1, SHADES + 1)[:, None] / SHADES
        colours += np.rint(dark + parts * (np.array(ImageColor.getrgb(name)) - dark)).astype(int).tolist()
    image = Image.new("P", (1, 1))
    image.putpalette([value for colour in colours for value in colour])
    return image


def _display(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return grey levels as a reader wants to see them, (height, width) uint8."""
    body = np.bincount(grey.ravel(), minlength=256)[BODY_GREY + 1 :].cumsum()
    level = BODY_GREY + 1 + float(body.searchsorted(DISPLAY_QUANTILE * body[-1])) if body[-1] else 1.0
    shown = 255 * (1 - np.exp(-np.arange(256) / (DISPLAY_SATURATION * level)))
    return np.rint(shown).astype(np.uint8)[grey]


def _draw_boxes(image: Image.Image, reading: Reading, zoom: float, first_row: int) -> None:
    """Draw each box, then beside it its confidence in per cent; the best boxes come last, on top."""
    pen = ImageDraw.Draw(image)
    outlines = [_outline(box, zoom, first_row) for box in reading.boxes]
    colours = [CLASS_COLOURS[int(class_id)] for class_id in reading.classes]
    for outline, colour in reversed(list(zip(outlines, colours, strict=True))):
        pen.rectangle(outline, outline=colour, width=OUTLINE_PX)
    font = ImageFont.load_default(LABEL_FONT_PX)
    taken = list(outlines)
    for outline, colour, confidence in zip(outlines, colours, reading.confidences, strict=True):
        text = f"{100 * confidence:.0f}"
        place = _label_place(outline, (pen.textlength(text, font), LABEL_FONT_PX), image.size, taken)
        taken.append(place)
        pen.text(place[:2], text, fill=colour, font=font, stroke_width=1, stroke_fill=BACKGROUND)


def _outline(box: NDArray[np.float32], zoom: float, first_row: int) -> Rectangle:
    """Return the rectangle drawn for a box, in pixels of the picture."""
    x1, y1, x2, y2 = (float(edge) * zoom for edge in box - np.array([0, first_row, 0, first_row]))
    return x1 - BOX_MARGIN_PX, y1 - BOX_MARGIN_PX, x2 + BOX_MARGIN_PX, y2 + BOX_MARGIN_PX


def _label_place(
    outline: Rectangle, size: tuple[float, float], picture_size: tuple[int, int], taken: Sequence[Rectangle]
) -> Rectangle:
    """Return where a label covers the least of the boxes and labels in `taken`: right, left, above or below."""
    x1, y1, x2, y2 = outline
    width, height = size
    corners = (
        (x2 + LABEL_GAP_PX, y1),
        (x1 - LABEL_GAP_PX - width, y1),
        (x1, y1 - LABEL_GAP_PX - height),
        (x1, y2 + LABEL_GAP_PX),
    )
    places = [(left, top, left + width, top + height) for left, top in corners]
    inside = [
        place for place in places if min(place[:2]) >= 0 and place[2] <= picture_size[0] and place[3] <= picture_size[1]
    ]
    return min(inside or places, key=lambda place: sum(_shared(place, other) for other in taken))


def _shared(first: Rectangle, second: Rectangle) -> float:
    """Return the area two rectangles share."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    return max(0.0, width) * max(0.0, height)


def _write_captions(canvas: Image.Image, reading: Reading, panel: int) -> None:
    """Write the scan's name and view above, the count of each class beside it, notice and legend below."""
    pen = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(FONT_PX)
    top, bottom = HEADER_PX / 2, canvas.height - FOOTER_PX / 2
    right = panel + GAP_PX + CAPTION_INSET_PX
    title = _shorten(_title(reading), lambda text: pen.textlength(text, font) <= panel - CAPTION_INSET_PX)
    pen.text((CAPTION_INSET_PX, top), title, fill=TEXT_COLOUR, font=font, anchor="lm")
    left = float(right)
    for class_id, count in enumerate((reading.n_abnormal, reading.n_normal)):
        text = f"{count} {CLASS_NAMES[class_id]}"
        pen.text((left, top), text, fill=CLASS_COLOURS[class_id], font=font, anchor="lm")
        left += pen.textlength(text, font) + 2 * FONT_PX
    pen.text((CAPTION_INSET_PX, bottom), NOTICE, fill=TEXT_COLOUR, font=font, anchor="lm")
    pen.text((right, bottom), LEGEND, fill=TEXT_COLOUR, font=font, anchor="lm")


def _title(reading: Reading) -> str:
    """Return what the scan is called: its file name, the frame where there are several, and the view."""
    scan = reading.scan
    name = one_line(scan.path.name) if scan.path else "array"
    if scan.frame_count > 1:
        name += f", frame {scan.frame + 1}"
    return f"{name} ({scan.view})" if scan.view else name


def _shorten(text: str, fits: Callable[[str], bool]) -> str:
    """Return a text cut in the middle until it fits: names differ at their ends."""
    kept = len(text)
    shortened = text
    while kept > 2 and not fits(shortened):
        kept -= 1
        shortened = f"{text[: kept // 2]}...{text[len(text) - (kept - kept // 2) :]}"
    return shortened
