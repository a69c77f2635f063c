"""A scan of any size into the network's frame, as ONNX nodes; the numpy twin is `bonescan_yolo.model.fitting`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from bonescan_yolo.export.nodes.graph import Graph
from bonescan_yolo.model.card import INPUT_HEIGHT, INPUT_WIDTH

if TYPE_CHECKING:
    import onnx

FEET_LEVEL = 0.02
"""Mean of a row, in body levels, above which it shows body. Rows of feet lie at 0.03 to 0.23 on 22 real and 120
simulated scans, rows below them at 0.00 to 0.12 (simulated, with a high background, which then is kept)."""

ROWS_AVERAGED = 9
"""Rows in one such mean, so that no single pixel counts as body."""

MARGIN_ROWS = 64
"""Kept below the last row of the body, for what the network sees around a box. Of 218 simulated and 22 real scans, 238
then showed the same boxes as without the cut (`agreement.CROP_TOLERANCE`), with 40 rows 231: boxes at the ankles change
their confidence by a few hundredths."""

STRIDE = 32
"""Rows of the network's coarsest level; the frame is cut to whole ones."""

TINY = 1e-6


AXES = ("rows", "columns")


@dataclass(frozen=True)
class Placement:
    """Names of where a scan lies in the frame, each (2,) float32: downwards, across.

    Attributes:
        size: height and width of the scan.
        scale: frame pixels a scan pixel.
        margin: frame pixels above and beside the scan.
        fitted: height and width of the scan in the frame.
    """

    size: str
    scale: str
    margin: str
    fitted: str


@dataclass(frozen=True)
class Frame:
    """Names of what was added.

    Attributes:
        grey: (1, 1, INPUT_HEIGHT, INPUT_WIDTH) float32 grey levels, the scan in the middle of zeros.
        placement: where the scan lies in it.
    """

    grey: str
    placement: Placement


def add_frame(graph: Graph, scan: str) -> Frame:
    """Add the way from a scan to the network's frame.

    A scan of the frame's size takes a branch that leaves it as it is. Others are scaled by one factor, each pixel of
    the frame being the mean of the scan's around its place, weighted by a triangle as wide as the pixel (or, on the
    way up, as the scan's): Pillow's `BILINEAR`. As the weights of rows and of columns are separate, this is a product
    of three matrices, and needs no resize operator, of which the older ones do not average.

    Args:
        graph: grows by it.
        scan: name of (H, W) uint8.
    """
    from onnx import TensorProto

    target = graph.floats("target", [INPUT_HEIGHT, INPUT_WIDTH])
    one = graph.floats("one", 1.0)
    size = graph.add("Cast", [graph.add("Shape", [scan], "shape")], "size", {"to": TensorProto.FLOAT})
    ratio = graph.add("ReduceMin", [graph.add("Div", [target, size], "ratios")], "ratio", {"keepdims": 1})
    wanted = graph.add("Round", [graph.add("Mul", [size, ratio], "ideal")], "whole")
    fitted = graph.add("Min", [graph.add("Max", [wanted, one], "least"), target], "fitted")
    scale = graph.add("Div", [fitted, size], "scale")
    spare = graph.add("Sub", [target, fitted], "spare")
    margin = graph.add("Floor", [graph.add("Mul", [spare, graph.floats("half", 0.5)], "halved")], "margin")
    placement = Placement(size, scale, margin, fitted)
    pixels = graph.add("Cast", [scan], "pixels", {"to": TensorProto.FLOAT})
    unequal = graph.add("Abs", [graph.add("Sub", [size, target], "difference")], "unequal")
    most = graph.add("ReduceMax", [unequal], "most", {"keepdims": 0})
    as_it_is = graph.add("Less", [most, graph.floats("half_pixel", 0.5)], "as_it_is")
    branches = {
        "then_branch": _keep(pixels),
        "else_branch": _resample(pixels, placement),
    }
    placed = graph.add("If", [as_it_is], "placed", branches)
    shape = graph.integers("frame_shape", [1, 1, INPUT_HEIGHT, INPUT_WIDTH])
    return Frame(graph.add("Reshape", [placed, shape], "grey"), placement)


def _keep(pixels: str) -> onnx.GraphProto:
    """Return the branch that changes nothing."""
    branch = Graph("kept")
    return branch.as_branch(branch.add("Identity", [pixels], "pixels"))


def _resample(pixels: str, placement: Placement) -> onnx.GraphProto:
    """Return the branch that scales and places the scan: weights of rows x pixels x weights of columns."""
    branch = Graph("resampled")
    rows = _weights(branch, "rows", INPUT_HEIGHT, placement)
    columns = _weights(branch, "columns", INPUT_WIDTH, placement)
    across = branch.add("Transpose", [columns], "across", {"perm": [1, 0]})
    narrowed = branch.add("MatMul", [pixels, across], "narrowed")
    placed = branch.add("MatMul", [rows, narrowed], "placed")
    return branch.as_branch(branch.add("Round", [placed], "rounded"))


def _weights(graph: Graph, name: str, length: int, placement: Placement) -> str:
    """Add the weights of the scan's pixels along one axis for each of `length` frame pixels, (length, size)."""

    def add(operator: str, inputs: list[str], part: str, attributes: dict[str, object] | None = None) -> str:
        return graph.add(operator, inputs, f"{name}.{part}", attributes)

    zero, one = graph.floats(f"{name}.zero", 0.0), graph.floats(f"{name}.one", 1.0)
    half = graph.floats(f"{name}.half", 0.5)
    which = graph.integers(f"{name}.axis", AXES.index(name))
    size, scale, margin, count = (
        add("Gather", [value, which], part, {"axis": 0}) for part, value in asdict(placement).items()
    )
    place = graph.floats(f"{name}.places", np.arange(length)[:, None] + 0.5)
    inside = add("Sub", [place, margin], "inside")
    centre = add("Div", [inside, scale], "centre")
    source = add("Add", [add("Range", [zero, size, one], "range"), half], "source")
    reach = add("Max", [add("Div", [one, scale], "pixel"), one], "reach")
    distance = add("Div", [add("Abs", [add("Sub", [source, centre], "offset")], "apart"), reach], "distance")
    triangle = add("Relu", [add("Sub", [one, distance], "falling")], "triangle")
    total = add("ReduceMean", [triangle], "total", {"axes": [1], "keepdims": 1})
    summed = add("Max", [add("Mul", [total, size], "sum"), graph.floats(f"{name}.tiny", TINY)], "summed")
    below = add("Clip", [add("Add", [inside, half], "from"), zero, one], "below")
    above = add("Clip", [add("Sub", [add("Add", [count, half], "end"), inside], "to"), zero, one], "above")
    covered = add("Floor", [add("Mul", [below, above], "part")], "covered")
    return add("Mul", [add("Div", [triangle, summed], "shares"), covered], "weights")


def add_crop(graph: Graph, grey: str, level: str) -> str:
    """Add the cut of the rows below the feet, which cost as much time as others and show nothing.

    Args:
        graph: grows by it.
        grey: name of (1, 1, INPUT_HEIGHT, INPUT_WIDTH) float32 grey levels.
        level: name of their body level, (1, 1, 1, 1).

    Returns:
        Name of the upper rows, (1, 1, h, INPUT_WIDTH), h a multiple of STRIDE.
    """
    from onnx import TensorProto

    rows = graph.add("ReduceMean", [grey], "rows", {"axes": [3], "keepdims": 1})
    pad = ROWS_AVERAGED // 2
    smooth = graph.add("AveragePool", [rows], "smooth", {"kernel_shape": [ROWS_AVERAGED, 1], "pads": [pad, 0, pad, 0]})
    least = graph.add("Mul", [level, graph.floats("feet", FEET_LEVEL)], "least")
    body = graph.add("Cast", [graph.add("Greater", [smooth, least], "seen")], "body", {"to": TensorProto.FLOAT})
    ends = graph.floats("ends", np.arange(1, INPUT_HEIGHT + 1)[None, None, :, None])
    last = graph.add("ReduceMax", [graph.add("Mul", [body, ends], "reached")], "last", {"keepdims": 0})
    wanted = graph.add("Add", [last, graph.floats("below", MARGIN_ROWS)], "wanted")
    stride = graph.floats("stride", STRIDE)
    steps = graph.add("Ceil", [graph.add("Div", [wanted, stride], "steps")], "whole")
    height = graph.add("Min", [graph.add("Mul", [steps, stride], "height"), graph.floats("all", INPUT_HEIGHT)], "cut")
    end = graph.add("Reshape", [height, graph.integers("list", [1])], "end")
    stop = graph.add("Cast", [end], "stop", {"to": TensorProto.INT64})
    return graph.add("Slice", [grey, graph.integers("start", [0]), stop, graph.integers("axis", [2])], "cropped")
