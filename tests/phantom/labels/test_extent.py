"""The peaks of a hot spot, and how far each reaches."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bonescan_yolo.phantom.camera import Image
from bonescan_yolo.phantom.labels.extent import LEAST_PEAK, peaks
from bonescan_yolo.phantom.parameters import read_parameters

SHAPE = (60, 40)
SIGMA_PX = 2.5
FLAT = np.full(SHAPE, 1.0, np.float32)
CONFIG = read_parameters().truth.model_copy(update={"edge_of_peak": 0.5, "edge_contrast": 0.25})

places = st.tuples(st.integers(5, 54), st.integers(5, 34), st.floats(20.0, 100.0))


def bumps(*places: tuple[int, int, float]) -> Image:
    """Return round bumps: row, column, counts."""
    rows, columns = np.indices(SHAPE)
    squared = [((rows - row) ** 2 + (columns - column) ** 2, counts) for row, column, counts in places]
    image = sum(counts * np.exp(-away / (2 * SIGMA_PX**2)) for away, counts in squared)
    return np.asarray(image, np.float32)


def test_a_round_spot_has_one_peak_and_reaches_to_the_edge_of_it() -> None:
    own = bumps((30, 20, 100.0))
    ((peak, region),) = peaks(own, FLAT, CONFIG)
    assert peak == (30, 20)
    np.testing.assert_array_equal(region, own >= 50.0)


def test_parts_of_unlike_strength_are_all_seen() -> None:
    """A streak's bright end does not hide the rest of it, though that lies below the edge of the bright peak."""
    own = bumps((12, 20, 100.0), (26, 20, 45.0), (40, 20, 30.0))
    found = list(peaks(own, FLAT, CONFIG))
    assert [peak for peak, _ in found] == [(12, 20), (26, 20), (40, 20)]
    assert [int(region.sum()) for _, region in found] == [int((bumps((30, 20, 1.0)) >= 0.5).sum())] * 3


def test_skirts_are_no_peaks() -> None:
    own = bumps((12, 20, 100.0), (40, 20, 100.0 * LEAST_PEAK - 1.0))
    assert [peak for peak, _ in peaks(own, FLAT, CONFIG)] == [(12, 20)]


def test_what_drowns_in_its_ground_is_not_seen() -> None:
    own = bumps((12, 20, 100.0), (40, 20, 60.0))
    ground = FLAT.copy()
    ground[30:] = 300.0
    assert [peak for peak, _ in peaks(own, ground, CONFIG)] == [(12, 20)]


def test_a_ridge_down_to_the_edge_is_one_with_its_peak() -> None:
    own = np.zeros(SHAPE, np.float32)
    own[10:50, 20] = np.linspace(100.0, 51.0, 40)
    ((peak, region),) = peaks(own, FLAT, CONFIG)
    assert peak == (10, 20)
    assert region.sum() == 40


@given(st.lists(places, min_size=1, max_size=4))
def test_parts_do_not_overlap_and_hold_their_peak_the_highest_first(where: list[tuple[int, int, float]]) -> None:
    own = bumps(*where)
    found = list(peaks(own, FLAT, CONFIG))
    heights = [float(own[peak]) for peak, _ in found]
    assert heights == sorted(heights, reverse=True)
    assert heights[0] == own.max()
    assert np.sum([region for _, region in found], axis=0).max() == 1
    for peak, region in found:
        assert region[peak]
        assert own[region].min() >= CONFIG.edge_of_peak * own[peak]


@given(st.lists(places, min_size=1, max_size=3))
def test_as_much_is_seen_in_the_mirror(where: list[tuple[int, int, float]]) -> None:
    own = bumps(*where)
    seen = [sum(region.sum() for _, region in peaks(image, FLAT, CONFIG)) for image in (own, own[:, ::-1].copy())]
    assert seen[0] == seen[1]
