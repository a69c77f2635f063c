"""Fitting a scan of any size into the network's frame, as ONNX nodes.

The numpy twin is `bonescan_yolo.model.fitting`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from bonescan_yolo.export.nodes.graph import Graph
from bonescan_yolo.model.card import INPUT_HEIGHT, INPUT_WIDTH

if TYPE_CHECKING:
    import onnx

FEET_LEVEL = 0.02
"""Mean of a row, in body levels, above which it counts as body. Rows of feet have 0.03 to 0.23 on 22 real and 120
simulated scans, rows below them 0.00 to 0.12 (the high ones on simulated scans with a high background: they are
kept)."""

ROWS_AVERAGED = 9
"""Neighbouring rows whose mean is taken, so that a single pixel does not count as body."""

MARGIN_ROWS = 64
"""Rows kept below the body, since the network looks at the surroundings of a box. Of 218 simulated and 22 real scans,
238 showed the same boxes as without the cut (within `file_checks.CROP_TOLERANCE`); with 40 rows it was 231, since boxes
at the ankles changed their confidence by a few hundredths."""

TINY = 1e-6
"""Least divisor: the sum of the weights of a pixel beside the scan is 0."""

AXES = ("rows", "columns")


@dataclass(frozen=True)
class ScanPlacement:
    """Where a scan is in the frame: names of (2,) float32 tensors, first for rows, then for columns.

    Attributes:
        size: height and width of the scan, in its own pixels.
        scale: frame pixels per scan pixel.
        margin: frame pixels above and left of the scan.
        fitted: height and width of the scan in the frame, in frame pixels.
    """

    size: str
    scale: str
    margin: str
    fitted: str


@dataclass(frozen=True)
class Frame:
    """The network's frame with a scan in it.

    Attributes:
        grey: name of (1, 1, INPUT_HEIGHT, INPUT_WIDTH) float32 grey levels, the scan in the middle of zeros.
        placement: where the scan is in the frame.
    """

    grey: str
    placement: ScanPlacement


def add_frame(graph: Graph, scan: str) -> Frame:
    """Add the nodes from a scan to the network's frame.

    A scan of the frame's size takes a branch that leaves it as it is. Others are scaled by one factor as Pillow's
    `BILINEAR` does: each pixel of the frame is a mean of the scan's pixels around its place, weighted by a triangle
    whose half-width is the larger of a frame pixel and a scan pixel. Weights of rows and columns are separate, so this
    is a product of three matrices and needs no resize operator (older ones do not average).

    Args:
        graph: gets the nodes.
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
    placement = ScanPlacement(size, scale, margin, fitted)
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
    from onnx import TensorProto

    branch = Graph("kept")
    return branch.as_branch(branch.add("Identity", [pixels], "pixels"), TensorProto.FLOAT)


def _resample(pixels: str, placement: ScanPlacement) -> onnx.GraphProto:
    """Return the branch that scales and places the scan: weights of rows x pixels x weights of columns."""
    from onnx import TensorProto

    branch = Graph("resampled")
    rows = _weights(branch, "rows", INPUT_HEIGHT, placement)
    columns = _weights(branch, "columns", INPUT_WIDTH, placement)
    across = branch.add("Transpose", [columns], "across", {"perm": [1, 0]})
    narrowed = branch.add("MatMul", [pixels, across], "narrowed")
    placed = branch.add("MatMul", [rows, narrowed], "placed")
    return branch.as_branch(branch.add("Round", [placed], "rounded"), TensorProto.FLOAT)


def _weights(graph: Graph, name: str, length: int, placement: ScanPlacement) -> str:
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


def add_crop(graph: Graph, grey: str, level: str, cell: int) -> str:
    """Add the cut of the rows below the feet, which cost as much time as others and show no body.

    Args:
        graph: gets the nodes.
        grey: name of (1, 1, INPUT_HEIGHT, INPUT_WIDTH) float32 grey levels.
        level: name of their body level, (1, 1, 1, 1).
        cell: rows of the frame in a cell of the network's coarsest features; the frame is cut to whole cells.

    Returns:
        Name of the upper rows, (1, 1, h, INPUT_WIDTH), h a multiple of `cell`.
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
    stride = graph.floats("stride", cell)
    steps = graph.add("Ceil", [graph.add("Div", [wanted, stride], "steps")], "whole")
    height = graph.add("Min", [graph.add("Mul", [steps, stride], "height"), graph.floats("all", INPUT_HEIGHT)], "cut")
    end = graph.add("Reshape", [height, graph.integers("list", [1])], "end")
    stop = graph.add("Cast", [end], "stop", {"to": TensorProto.INT64})
    return graph.add("Slice", [grey, graph.integers("start", [0]), stop, graph.integers("axis", [2])], "cropped")
