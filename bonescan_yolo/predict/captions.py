"""The texts of a picture: captions above and below, doubts about the scan's quality, and the number beside each box."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PIL import Image, ImageDraw, ImageFont

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.model.card import NOTICE
from bonescan_yolo.model.detector import Reading
from bonescan_yolo.predict.colours import CLASS_COLOURS, DOUBT_COLOUR, TEXT_COLOUR

HEADER_PX = 30
FOOTER_PX = 26
GAP_PX = 8
CAPTION_INSET_PX = 10
FONT_PX = 14
LABEL_GAP_PX = 3
DOUBT_LABEL = "quality"

Rectangle = tuple[float, float, float, float]
"""Left, upper, right and lower edge in pixels of the picture."""


def write_captions(canvas: Image.Image, reading: Reading, panel: int, legend: str, bottom: float) -> None:
    """Write the frame and view above, the count of each class beside it, notice and legend below."""
    pen = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(FONT_PX)
    top = HEADER_PX / 2
    right = panel + GAP_PX + CAPTION_INSET_PX
    pen.text((CAPTION_INSET_PX, top), _title(reading), fill=TEXT_COLOUR, font=font, anchor="lm")
    left = float(right)
    for class_id, count in enumerate((reading.n_abnormal, reading.n_normal)):
        text = f"{count} {CLASS_NAMES[class_id]}"
        pen.text((left, top), text, fill=CLASS_COLOURS[class_id], font=font, anchor="lm")
        left += pen.textlength(text, font) + 2 * FONT_PX
    pen.text((CAPTION_INSET_PX, bottom), NOTICE, fill=TEXT_COLOUR, font=font, anchor="lm")
    pen.text((right, bottom), legend, fill=TEXT_COLOUR, font=font, anchor="lm")


def write_doubt(canvas: Image.Image, doubt: str, middle: float) -> None:
    """Write a doubt about the scan's quality into a line of its own."""
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(FONT_PX)
    most = canvas.width - 2 * CAPTION_INSET_PX
    text = _shorten(f"{DOUBT_LABEL}: {doubt}", lambda text: pen.textlength(text, font) <= most)
    pen.text((CAPTION_INSET_PX, middle), text, fill=DOUBT_COLOUR, font=font, anchor="lm")


def _title(reading: Reading) -> str:
    """Return what the picture shows, without a name: a file name may be the patient's, and pictures are passed on."""
    scan = reading.scan
    view = scan.view or "view unknown"
    return f"frame {scan.frame + 1}: {view}" if scan.frame_count > 1 else view


def _shorten(text: str, fits: Callable[[str], bool]) -> str:
    """Return a text cut in the middle until it fits."""
    kept = len(text)
    shortened = text
    while kept > 2 and not fits(shortened):
        kept -= 1
        shortened = f"{text[: kept // 2]}...{text[len(text) - (kept - kept // 2) :]}"
    return shortened


def label_place(
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
