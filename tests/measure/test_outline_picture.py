"""The picture of outlines: it shows the scan as predict does, and a line just outside the pixels of each hot spot."""

from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageColor

from bonescan_yolo.measure.hot_spots import measure
from bonescan_yolo.measure.outline_picture import draw
from bonescan_yolo.model.detector import Reading
from bonescan_yolo.predict import drawing
from bonescan_yolo.predict.captions import FOOTER_PX, GAP_PX, HEADER_PX
from bonescan_yolo.predict.colours import CLASS_COLOURS
from bonescan_yolo.predict.drawing import TARGET_WIDTH_PX
from bonescan_yolo.scan.morphology import Mask, dilate
from tests.measure.conftest import Read

FIRST_ROW = 101 - 40
"""Of the scan in the picture: the body begins in row 101."""


def halves(png: bytes) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the scan and the marked scan of a picture, (height, width, 3) each."""
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))[HEADER_PX:-FOOTER_PX]
    return pixels[:, :TARGET_WIDTH_PX], pixels[:, TARGET_WIDTH_PX + GAP_PX :]


def lines(marked: NDArray[np.uint8], class_id: int) -> Mask:
    return np.asarray((marked == ImageColor.getrgb(CLASS_COLOURS[class_id])).all(axis=2))


def test_a_line_follows_the_pixels_of_each_hot_spot_in_the_colour_of_its_class(read: Read) -> None:
    measures = measure(read({"left": 200, "right": 150}, {"right": 1}))
    plain, marked = halves(draw(measures))
    for spot in measures.hot_spots:
        inside = np.zeros((1024, 256), bool)
        inside[spot.outline.slices] = spot.outline.mask
        large = inside.repeat(2, axis=0).repeat(2, axis=1)[2 * FIRST_ROW : 2 * FIRST_ROW + len(marked)]
        np.testing.assert_array_equal(lines(marked, spot.class_id), dilate(large) & ~large)
    drawn = lines(marked, 0) | lines(marked, 1)
    np.testing.assert_array_equal(marked[~drawn], plain[~drawn])


def test_the_scan_looks_as_in_the_picture_of_predict(read: Read) -> None:
    reading: Reading = read({"left": 200, "right": 150})
    np.testing.assert_array_equal(halves(draw(measure(reading)))[0], halves(drawing.draw(reading))[0])


@pytest.mark.parametrize("shape", [(700, 300), (512, 512), (40, 40), (3000, 3000)])
def test_outlines_at_the_edge_of_a_scan_of_any_size_are_drawn(shape: tuple[int, int]) -> None:
    height, width = shape
    whole, corner = np.ones(shape, bool), np.ones((height // 8, width // 8), bool)
    panel = drawing.show_scan(np.full(shape, 20, np.uint8), np.zeros((0, 4), np.float32))
    marked = panel.image.convert("RGB")
    drawing.draw_outline(marked, panel, (0, 0), whole, 0)
    assert not lines(np.asarray(marked), 0).any()  # its line would be outside the picture
    drawing.draw_outline(marked, panel, (height - height // 8, width - width // 8), corner, 1)
    rows, columns = np.nonzero(lines(np.asarray(marked), 1))
    assert (rows.max(), columns.max()) == (marked.height - 1, marked.width - 1)
    assert rows.min() == pytest.approx(marked.height * 7 / 8, abs=2)
    assert columns.min() == pytest.approx(marked.width * 7 / 8, abs=2)


def test_a_hot_spot_without_pixels_has_no_line(read: Read) -> None:
    reading = read({})
    panel = drawing.show_scan(reading.scan.grey(), reading.boxes)
    marked = panel.image.convert("RGB")
    drawing.draw_outline(marked, panel, (300, 100), np.zeros((10, 10), bool), 0)
    assert not lines(np.asarray(marked), 0).any()
