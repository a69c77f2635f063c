"""The frame inside the file: what Pillow and `fitting` do outside it, and rows below the feet cut off."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto

from bonescan_yolo.export.nodes.fitting_nodes import FEET_LEVEL, MARGIN_ROWS, add_crop, add_frame
from bonescan_yolo.export.nodes.graph import Graph
from bonescan_yolo.model.fitting import fit
from tests.export.graphs import a_scan, session_of

HEIGHT, WIDTH, CELL = 1024, 256, 32


@pytest.fixture(scope="module")
def framing() -> onnxruntime.InferenceSession:
    piece = Graph("scan")
    frame = add_frame(piece, "scan")
    outputs = [frame.grey, frame.placement.scale, frame.placement.margin]
    return session_of(piece, {"scan": (TensorProto.UINT8, ["height", "width"])}, outputs)


@pytest.fixture(scope="module")
def cropping() -> onnxruntime.InferenceSession:
    piece = Graph("rows")
    cropped = add_crop(piece, "grey", "level", CELL)
    shapes = {"grey": (TensorProto.FLOAT, [1, 1, HEIGHT, WIDTH]), "level": (TensorProto.FLOAT, [1, 1, 1, 1])}
    return session_of(piece, shapes, [cropped])


def test_a_scan_of_the_right_size_stays_as_it_is(framing: onnxruntime.InferenceSession) -> None:
    scan = a_scan(HEIGHT, WIDTH)
    grey, scale, margin = framing.run(None, {"scan": scan})
    np.testing.assert_array_equal(grey[0, 0], scan)
    assert (scale.tolist(), margin.tolist()) == ([1, 1], [0, 0])


@settings(max_examples=25, deadline=None)
@given(height=st.integers(32, 2100), width=st.integers(32, 1100), seed=st.integers(0, 99))
def test_other_sizes_are_fitted_as_outside_the_file(
    framing: onnxruntime.InferenceSession, height: int, width: int, seed: int
) -> None:
    scan = a_scan(height, width, seed)
    expected, place = fit(scan, HEIGHT, WIDTH)
    grey, scale, margin = framing.run(None, {"scan": scan})
    # Pillow rounds twice, after each axis; the file once.
    np.testing.assert_allclose(grey[0, 0], expected.astype(np.float32), atol=1.01)
    np.testing.assert_allclose(scale, [place.scale_y, place.scale_x], rtol=1e-6)
    np.testing.assert_array_equal(margin, [place.top, place.left])
    assert not grey[0, 0, : place.top].any()
    assert not grey[0, 0, :, : place.left].any()


@pytest.mark.parametrize(("last", "height"), [(700, 768), (704, 768), (705, 800), (1000, 1024), (1024, 1024), (5, 96)])
def test_rows_are_cut_a_margin_below_the_body(cropping: onnxruntime.InferenceSession, last: int, height: int) -> None:
    grey = np.zeros((1, 1, HEIGHT, WIDTH), np.float32)
    reach = 4  # rows that the mean over nine reaches beyond the body
    grey[:, :, : max(last - reach, 1)] = 100.0
    (cropped,) = cropping.run(None, {"grey": grey, "level": np.full((1, 1, 1, 1), 100, np.float32)})
    assert cropped.shape == (1, 1, height, WIDTH)
    assert cropped.shape[2] % CELL == 0
    assert last + MARGIN_ROWS <= height or height == HEIGHT
    np.testing.assert_array_equal(cropped, grey[:, :, :height])


def test_feet_count_and_single_pixels_below_do_not(cropping: onnxruntime.InferenceSession) -> None:
    grey = np.zeros((1, 1, HEIGHT, WIDTH), np.float32)
    grey[:, :, 100:600] = 60.0
    grey[:, :, 600:650, 100:130] = 2 * FEET_LEVEL * 60 * WIDTH / 30  # faint, and as wide as feet
    grey[:, :, 900, 7] = 200.0
    (cropped,) = cropping.run(None, {"grey": grey, "level": np.full((1, 1, 1, 1), 60, np.float32)})
    assert cropped.shape[2] == 736


def test_an_empty_scan_keeps_a_few_rows(cropping: onnxruntime.InferenceSession) -> None:
    empty = np.zeros((1, 1, HEIGHT, WIDTH), np.float32)
    (cropped,) = cropping.run(None, {"grey": empty, "level": np.full((1, 1, 1, 1), 1e-6, np.float32)})
    assert cropped.shape == (1, 1, 64, WIDTH)
