"""Each annotated box becomes a box inside the image or is reported; none is lost."""

from __future__ import annotations

import math

from hypothesis import given
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
def test_objects_in_are_objects_out_plus_objects_reported(objects: list[Annotation], width: int, height: int) -> None:
    boxes, problems = check_boxes(objects, width, height, "1.xml")
    assert len(objects) == len(boxes) + sum(problem.objects for problem in problems)
    assert len(set(boxes)) == len(boxes)
    for box in boxes:
        x1, y1, x2, y2 = box.xyxy
        assert 0 <= x1 <= x2 - 1 <= width - 1
        assert 0 <= y1 <= y2 - 1 <= height - 1


def test_a_box_that_touches_every_edge_is_valid() -> None:
    boxes, problems = check_boxes([Annotation("Normal", (0, 0, 256, 1024))], 256, 1024, "1.xml")
    assert boxes == (Box(1, (0, 0, 256, 1024)),)
    assert problems == []


def test_a_clipped_box_is_kept_and_reported() -> None:
    boxes, problems = check_boxes([Annotation("Normal", (-4, 5, 10, 2000))], 256, 1024, "1.xml")
    assert boxes == (Box(1, (0, 5, 10, 1024)),)
    assert [(problem.kind, problem.objects) for problem in problems] == [(Kind.BOX_CLIPPED, 0)]
