"""The picture: it can be opened, marks the boxes, hides no hot spot, and has a sane size for any scan."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageColor

from bonescan_yolo.boxes import empty_boxes
from bonescan_yolo.model.detector import Reading
from bonescan_yolo.predict import captions, colours, drawing
from bonescan_yolo.predict.captions import FOOTER_PX, GAP_PX, HEADER_PX
from bonescan_yolo.predict.colours import CLASS_COLOURS
from bonescan_yolo.predict.drawing import TARGET_WIDTH_PX, draw
from bonescan_yolo.scan import Scan
from tests.factories import SPOT_BOXES, SPOT_CLASSES, SPOT_CONFIDENCES, grey_scan

RIGHT = TARGET_WIDTH_PX + GAP_PX
ABNORMAL, NORMAL = (ImageColor.getrgb(colour) for colour in CLASS_COLOURS)


def opened(reading: Reading) -> NDArray[np.uint8]:
    """Return a reading's picture, (height, width, 3)."""
    image = Image.open(io.BytesIO(draw(reading)))
    assert (image.format, image.mode) == ("PNG", "P")
    return np.asarray(image.convert("RGB"))


def spots(grey: NDArray[np.uint8] | None = None) -> Reading:
    scan = Scan(grey_scan() if grey is None else grey, path=Path("1.png"))
    return Reading(
        np.array(SPOT_BOXES, dtype=np.float32),
        np.array(SPOT_CONFIDENCES, dtype=np.float32),
        np.array(SPOT_CLASSES),
        SPOT_CONFIDENCES[0],
        scan,
    )


def without_boxes(grey: NDArray[np.uint8]) -> Reading:
    return Reading(empty_boxes(), np.zeros(0, np.float32), np.zeros(0, np.int64), 0.0, Scan(grey))


def count(pixels: NDArray[np.uint8], colour: tuple[int, ...]) -> int:
    return int((pixels == colour).all(axis=2).sum())


def test_the_scan_stands_beside_the_marked_scan() -> None:
    pixels = opened(spots())
    body = pixels[HEADER_PX:-FOOTER_PX]
    plain, marked = body[:, :TARGET_WIDTH_PX], body[:, RIGHT:]
    assert plain.shape == marked.shape
    assert (plain[..., 0] == plain[..., 1]).all()
    assert (plain[..., 1] == plain[..., 2]).all()
    changed = (plain != marked).any(axis=2)
    assert 0 < changed.mean() < 0.02


def test_outlines_have_the_colour_of_their_class_and_lie_outside_the_box() -> None:
    pixels = opened(spots())
    body = pixels[HEADER_PX:-FOOTER_PX]
    plain, marked = body[:, :TARGET_WIDTH_PX], body[:, RIGHT:]
    first_row = SPOT_BOXES[0][1] - np.argmax((plain[:, 2 * 40] > 150).any(axis=1)) / 2
    assert (count(marked, ABNORMAL), count(marked, NORMAL)) > (100, 100)
    for box, class_id in zip(SPOT_BOXES, SPOT_CLASSES, strict=True):
        x1, y1, x2, y2 = (round(2 * edge) for edge in np.subtract(box, [0, first_row, 0, first_row]))
        np.testing.assert_array_equal(marked[y1:y2, x1:x2], plain[y1:y2, x1:x2])  # nothing hides the hot spot
        around = marked[y1 - 3 : y2 + 4, x1 - 3 : x2 + 4]
        assert count(around, (ABNORMAL, NORMAL)[class_id]) > 100
        assert count(around, (NORMAL, ABNORMAL)[class_id]) == 0


def test_no_name_is_drawn() -> None:
    """The name of a file may be that of the patient."""
    reading = spots()
    named = dataclasses.replace(reading.scan, path=Path("Doe^Jane_19500101_ant.png"), study_uid="1.2.3")
    np.testing.assert_array_equal(opened(dataclasses.replace(reading, scan=named)), opened(reading))


def test_view_and_frame_are_drawn() -> None:
    reading = spots()
    scans = [dataclasses.replace(reading.scan, view=view, frame_count=2) for view in ("anterior", "posterior", None)]
    scans += [dataclasses.replace(reading.scan, frame=frame, frame_count=2) for frame in (0, 1)]
    pictures = {draw(dataclasses.replace(reading, scan=scan)) for scan in [reading.scan, *scans]}
    assert len(pictures) == 5  # the first frame of unknown view occurs twice


def test_without_boxes_both_halves_are_the_same() -> None:
    body = opened(without_boxes(grey_scan()))[HEADER_PX:-FOOTER_PX]
    np.testing.assert_array_equal(body[:, :TARGET_WIDTH_PX], body[:, RIGHT:])


@pytest.mark.parametrize(
    "shape", [(1024, 256), (32, 32), (2048, 512), (700, 300), (32, 5000), (5000, 32), (3000, 3000), (512, 512)]
)
@pytest.mark.parametrize("level", [0, 3, 255])
def test_any_size_and_level_gives_a_picture_of_sane_size(shape: tuple[int, int], level: int) -> None:
    image = Image.open(io.BytesIO(draw(without_boxes(np.full(shape, level, np.uint8))))).convert("RGB")
    assert 700 <= image.width <= 1100
    assert 50 <= image.height <= 2200


def test_labels_avoid_boxes_and_each_other() -> None:
    outlines = [(100.0, 100.0, 120.0, 120.0), (124.0, 100.0, 144.0, 120.0)]
    place = captions.label_place(outlines[0], (16, 14), (512, 512), outlines)
    assert place[2] <= 100  # the right is taken: it goes left
    place = captions.label_place((490.0, 5.0, 510.0, 25.0), (16, 14), (512, 512), [])
    assert place[2] <= 490  # no room at the right edge
    assert captions.label_place((100.0, 100.0, 120.0, 120.0), (16, 14), (512, 512), [])[0] >= 120


def test_a_box_at_the_edge_and_the_longest_caption_are_drawn() -> None:
    reading = spots()
    boxes = np.array([[0, 0, 256, 1024], [0, 0, 3, 3], [250, 1020, 256, 1024]], dtype=np.float32)
    scan = dataclasses.replace(reading.scan, frame=998, frame_count=999, view="posterior")
    pixels = opened(dataclasses.replace(reading, scan=scan, boxes=boxes))
    header = pixels[:HEADER_PX]
    gap = header[:, TARGET_WIDTH_PX + 1 : RIGHT - 1]
    assert count(gap, ImageColor.getrgb(colours.BACKGROUND)) == gap.shape[0] * gap.shape[1]


def test_the_display_lifts_bone_beside_a_hot_bladder() -> None:
    grey = grey_scan([(8, 30)], [255])
    shown = drawing.display(grey)
    assert shown[480, 128] > 90  # body of 30 grey levels
    assert shown[485, 133] > shown[400, 128]
    assert shown[0, 0] == 0


def test_a_few_pixels_of_a_class_keep_their_colour() -> None:
    greys = np.random.default_rng(0).integers(0, 256, (400, 400), np.uint8)
    full = Image.fromarray(greys).convert("RGB")
    for place, name in enumerate(CLASS_COLOURS):
        full.putpixel((place, 0), ImageColor.getrgb(name))
    reduced = colours.in_palette(full).convert("RGB")
    assert [reduced.getpixel((place, 0)) for place in range(2)] == [ImageColor.getrgb(name) for name in CLASS_COLOURS]
    assert np.abs(np.asarray(reduced, int)[1:, :, 0] - greys[1:]).max() <= 4
