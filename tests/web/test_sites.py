"""A model that gives a map of bones: the page says where each box is, as Python does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import jsonschema
import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from playwright.sync_api import Browser

from bonescan_yolo.model.scan_sites import sites_on_scan
from bonescan_yolo.predict.formats.reading_json import describe_site, read_schema
from bonescan_yolo.scan.read import read_scans
from tests.factories import SPOT_BOXES, grey_scan, save
from tests.shared.site_cases import cover_of, put
from tests.web.page import ReaderPage
from tests.web.stand_in import make_app_model

pytestmark = pytest.mark.slow


def with_regions(model: bytes, cover: NDArray[np.uint8]) -> bytes:
    """Return a model that gives a map of every scan where its initializer `with_regions` is on; it is off."""
    content = onnx.load_from_string(model)
    graph = content.graph
    bones, rows, columns = cover.shape
    constants = {
        "with_regions": np.array(False),
        "bones": cover,
        "from_first": np.zeros(2, np.int64),
        "of_cells": np.array([1, 2]),
        "all_cells": np.array([rows, columns]),
    }
    graph.initializer.extend(numpy_helper.from_array(values, name) for name, values in constants.items())
    graph.node.extend(
        [
            helper.make_node("Cast", ["with_regions"], ["is_on"], to=TensorProto.INT64),
            helper.make_node("Mul", ["all_cells", "is_on"], ["cells_shown"]),
            helper.make_node("Slice", ["bones", "from_first", "cells_shown", "of_cells"], ["regions"]),
        ]
    )
    graph.output.append(helper.make_tensor_value_info("regions", TensorProto.UINT8, [bones, "rows", "columns"]))
    return content.SerializeToString()


@pytest.fixture(scope="module")
def cover() -> NDArray[np.uint8]:
    """Return a map with a rib under the first hot spot, the skull under the third, and no bone under the second."""
    cover = cover_of([])
    put(cover, "left_ribs_7", SPOT_BOXES[0])
    put(cover, "skull", SPOT_BOXES[2])
    return cover


@pytest.fixture(scope="module")
def bones_page(
    browser: Browser,
    build_page: Callable[[Path], Path],
    cover: NDArray[np.uint8],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ReaderPage]:
    """Return the page around a model that sees bones."""
    model = tmp_path_factory.mktemp("model") / "bones-app.onnx"
    model.write_bytes(with_regions(make_app_model(), cover))
    page = ReaderPage(browser, build_page(model))
    page.wait_until_ready()
    yield page
    page.close()


def test_table_and_json_name_the_site_of_each_box(
    bones_page: ReaderPage, cover: NDArray[np.uint8], tmp_path: Path
) -> None:
    paths = [save(tmp_path / f"1_{view}.png", grey_scan()) for view in ("ant", "post")]
    bones_page.drop(paths)
    bones_page.wait_until_read()
    bones_page.wait(lambda: bones_page.page.locator("#table .site").count() == 4, "sites in the table")
    assert bones_page.page.locator("#table .site").all_inner_texts() == ["left seventh rib", "skull"] * 2
    assert bones_page.text("#class-head") == "Class, site"
    readings = bones_page.saved_json()
    assert len(readings) == len(paths)
    for reading, path in zip(readings, paths, strict=True):
        jsonschema.validate(reading, read_schema())
        (scan,) = read_scans(path)
        boxes = np.array([box["box_xyxy"] for box in reading["detections"]], np.float32)
        sites = sites_on_scan(scan, cover, boxes)
        assert sites is not None
        expected = [None if site is None else describe_site(site, scan.view) for site in sites]
        assert reading["model"]["gives_sites"] is True
        assert [box["site"] for box in reading["detections"]] == expected
        assert expected[0] is not None
        assert expected[0]["text"] == f"left seventh rib, {scan.view}"


def test_without_a_map_there_is_no_site(reader: ReaderPage, tmp_path: Path) -> None:
    reader.open([save(tmp_path / "2_ant.png", grey_scan())])
    reader.wait(lambda: reader.page.locator("#table tbody button").count() == 3, "its boxes")
    assert reader.page.locator("#table .site").count() == 0
    assert reader.text("#class-head") == "Class"
    assert [reading["model"]["gives_sites"] for reading in reader.saved_json()] == [False]
