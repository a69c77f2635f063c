"""Masks as PNG and COCO, read back by other libraries."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as coco_masks
from pycocotools.coco import COCO

from bonescan_yolo.measure import masks
from bonescan_yolo.measure.hot_spots import measure
from bonescan_yolo.measure.outlines import Outline, union
from bonescan_yolo.predict.formats.boxes_coco import CocoFile
from tests.measure.conftest import Read

SHAPE = (9, 7)


def test_run_lengths_by_hand() -> None:
    mask = np.array([[True, False], [True, True]])
    assert masks.run_lengths(Outline(0, 0, mask), (2, 2)) == {"size": [2, 2], "counts": [0, 2, 1, 1]}
    assert masks.run_lengths(Outline(0, 0, ~mask & mask), (2, 2)) == {"size": [2, 2], "counts": [4]}


@pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")  # pycocotools and numpy 2
@given(arrays(np.bool_, (4, 5)))
def test_run_lengths_are_cocos(mask: NDArray[np.bool_]) -> None:
    outline = Outline(3, 1, mask)
    compressed = coco_masks.frPyObjects(masks.run_lengths(outline, SHAPE), *SHAPE)
    np.testing.assert_array_equal(coco_masks.decode(compressed), union([outline], SHAPE))
    assert coco_masks.area(compressed) == outline.area_px


def test_the_png_numbers_the_detections(read: Read) -> None:
    measures = measure(read({"left": 200, "right": 100}))
    numbers = np.asarray(Image.open(io.BytesIO(masks.mask_png(measures))))
    assert numbers.dtype == np.uint8
    for number, spot in enumerate(measures.hot_spots, start=1):
        np.testing.assert_array_equal(numbers == number, union([spot.outline], numbers.shape))


def test_the_more_confident_detection_shows(read: Read) -> None:
    reading = read({"left": 200, "right": 100})
    reading.boxes[1] = reading.boxes[0]
    numbers = np.asarray(Image.open(io.BytesIO(masks.mask_png(measure(reading)))))
    assert np.unique(numbers).tolist() == [0, 1]


def test_a_coco_tool_reads_the_file(read: Read, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scans = [measure(read({"left": 200, "right": 100}, {"right": 1})), measure(read({})), measure(read({"left": 90}))]
    path = tmp_path / "hot_spots.json"
    file = CocoFile()
    for scan in scans:
        masks.add_outlines(file.add(scan.reading), scan)
    path.write_text(file.dump(indent=None), encoding="utf-8")
    coco = COCO(str(path))
    spots = [spot for scan in scans for spot in scan.hot_spots]
    annotations = coco.loadAnns(coco.getAnnIds())
    assert [entry["image_id"] for entry in annotations] == [1, 1, 3]
    for entry, spot in zip(annotations, spots, strict=True):
        np.testing.assert_array_equal(coco.annToMask(entry), union([spot.outline], (1024, 256)))
        assert (entry["area"], entry["category_id"]) == (spot.outline.area_px, spot.class_id + 1)
    assert json.loads(path.read_text())["images"][0]["height"] == 1024
