"""Each annotated box becomes a box inside the image or is reported; none is lost."""

from __future__ import annotations

import math

from hypothesis import example, given
from hypothesis import strategies as st

from bonescan_yolo.convert.checks.box_checks import check_boxes
from bonescan_yolo.convert.survey import Annotation, Box, Kind

COORDINATE = st.one_of(
    st.integers(-50, 1100).map(float),
    st.floats(-5, 300),
    st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 256.0, 1024.0, 1e308]),
)
NAME = st.sampled_from(["Abnormal", "Normal", " normal", "ABNORMAL", "nidus", ""])
MESSY = st.lists(st.builds(Annotation, NAME, st.tuples(COORDINATE, COORDINATE, COORDINATE, COORDINATE)), max_size=20)


@given(MESSY, st.integers(10, 300), st.integers(10, 1100))
@example([Annotation("Abnormal", (0, 1, 1, 5e-28))], 10, 10)
def test_objects_in_are_objects_out_plus_objects_reported(objects: list[Annotation], width: int, height: int) -> None:
    boxes, problems = check_boxes(objects, width, height, "1.xml")
    assert len(objects) == len(boxes) + sum(problem.objects for problem in problems)
    assert len(set(boxes)) == len(boxes)
    for box in boxes:
        x1, y1, x2, y2 = box.xyxy
        assert x1 >= 0
        assert x2 <= width
        assert x2 - x1 >= 1  # `x1 <= x2 - 1` is rounded otherwise for a tiny x1
        assert y1 >= 0
        assert y2 <= height
        assert y2 - y1 >= 1


def test_a_box_that_touches_every_edge_is_valid() -> None:
    boxes, problems = check_boxes([Annotation("Normal", (0, 0, 256, 1024))], 256, 1024, "1.xml")
    assert boxes == (Box(1, (0, 0, 256, 1024)),)
    assert problems == []


def test_a_clipped_box_is_kept_and_reported() -> None:
    boxes, problems = check_boxes([Annotation("Normal", (-4, 5, 10, 2000))], 256, 1024, "1.xml")
    assert boxes == (Box(1, (0, 5, 10, 1024)),)
    assert [(problem.kind, problem.objects) for problem in problems] == [(Kind.BOX_CLIPPED, 0)]
