"""Which hot spots share a box, by the dip in brightness between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonescan_yolo.phantom.camera import Image, Patch
from bonescan_yolo.phantom.labels import confluence
from bonescan_yolo.phantom.labels.confluence import Seen

SHAPE = (80, 100)
SIGMA_PX = 3.0
DIP = 0.7
LONG = 1000.0
"""No box is too long."""


def seen(row: float, column: float, counts: float = 50.0, reach: float = 0.45) -> Seen:
    """Return a round spot, seen down to `reach` of its peak."""
    rows, columns = np.indices(SHAPE)
    pixels = counts * np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / (2 * SIGMA_PX**2))
    return Seen(f"{row}_{column}", Patch(pixels.astype(np.float32), 0, 0), pixels >= reach * counts)


def everything(spots: Sequence[Seen], level: float = 10.0) -> Image:
    return np.asarray(sum((spot.patch.pixels for spot in spots), np.full(SHAPE, level)), dtype=np.float32)


def names(spots: Sequence[Seen]) -> list[list[str]]:
    return [[spot.name for spot in group] for group in confluence.groups(spots, everything(spots), DIP, LONG)]


def expected_dip(apart: float, level: float, counts: float) -> float:
    """Half-way between two equal round spots over their peaks, to a pixel's precision."""
    middle = level + 2 * counts * np.exp(-((apart / 2) ** 2) / (2 * SIGMA_PX**2))
    peak = level + counts * (1 + np.exp(-(apart**2) / (2 * SIGMA_PX**2)))
    return float(middle / peak)


@pytest.mark.parametrize("apart", [4, 6, 8, 10, 12])
def test_two_spots_share_a_box_unless_it_dips_between_them(apart: int) -> None:
    spots = [seen(40, 30), seen(40, 30 + apart)]
    together = expected_dip(apart, 10.0, 50.0) >= DIP
    assert together == (apart <= 8)
    assert len(names(spots)) == (1 if together else 2)


def test_a_chain_of_spots_is_one() -> None:
    a, b, c, lone = seen(20, 20), seen(20, 25), seen(20, 30), seen(60, 30)
    assert names([a, lone, c, b]) == [[a.name, c.name, b.name], [lone.name]]


def test_no_box_around_several_spots_is_longer_than_readers_draw() -> None:
    chain = [seen(40, 20 + 5 * place) for place in range(8)]
    whole = confluence.groups(chain, everything(chain), DIP, LONG)
    split = confluence.groups(chain, everything(chain), DIP, most_side_px=20.0)
    assert [len(group) for group in whole] == [8]
    assert len(split) > 1
    for group in split:
        boxes = np.array([spot.box for spot in group])
        assert boxes[:, 2].max() - boxes[:, 0].min() <= 20


def test_peaks_of_one_spot_share_a_box_of_any_length() -> None:
    left, right = seen(40, 30), seen(40, 35)
    streak = Patch(left.patch.pixels + right.patch.pixels, 0, 0)
    peaks = [Seen("streak", streak, left.region), Seen("streak", streak, right.region)]
    assert len(confluence.groups(peaks, everything(peaks[:1]), DIP, most_side_px=3.0)) == 1


def test_spots_out_of_reach_are_apart_on_the_brightest_ground() -> None:
    """Between them it dips by less than a third, but three pixels lie between their regions."""
    spots = [seen(40, 30), seen(40, 44)]
    gap = int(np.flatnonzero(spots[1].region.any(axis=0))[0] - np.flatnonzero(spots[0].region.any(axis=0))[-1]) - 1
    assert gap > confluence.REACH_PX
    ground = everything(spots, level=1000.0)
    assert len(confluence.groups(spots, ground, DIP, LONG)) == 2


def test_a_faint_spot_on_the_flank_of_a_hot_one_is_part_of_it() -> None:
    assert len(names([seen(40, 30, counts=200.0), seen(40, 35, counts=40.0)])) == 1


spots_anywhere = st.lists(st.tuples(st.integers(8, 70), st.integers(8, 90), st.integers(20, 200)), max_size=6)


@given(spots_anywhere)
def test_groups_part_the_spots_and_their_pixels(places: list[tuple[int, int, int]]) -> None:
    spots = [seen(*place) for place in places]
    groups = confluence.groups(spots, everything(spots), DIP, LONG)
    assert sorted(map(id, spots)) == sorted(id(spot) for group in groups for spot in group)
    owners = np.zeros(SHAPE, int)
    for part in confluence.parts(groups, SHAPE):
        owners += part
    union = np.zeros(SHAPE, bool)
    for spot in spots:
        union |= spot.region
    np.testing.assert_array_equal(owners > 0, union)


@given(spots_anywhere)
def test_a_mirrored_view_has_the_same_groups(places: list[tuple[int, int, int]]) -> None:
    spots = [seen(*place) for place in places]
    mirrored = [Seen(spot.name, Patch(spot.patch.pixels[:, ::-1].copy(), 0, 0), spot.region[:, ::-1]) for spot in spots]
    flipped = np.ascontiguousarray(everything(spots)[:, ::-1])
    groups = [[spot.name for spot in group] for group in confluence.groups(mirrored, flipped, DIP, LONG)]
    assert groups == names(spots)


def test_a_lesion_behind_the_bladder_is_not_seen() -> None:
    bladder, lesion, beside = seen(40, 30, counts=300.0), seen(40, 34, counts=100.0), seen(40, 46, counts=100.0)
    ground = everything([bladder, lesion, beside])
    assert confluence.outshone(lesion, [bladder], ground, DIP)
    assert not confluence.outshone(bladder, [lesion], ground, DIP)
    assert not confluence.outshone(beside, [bladder], ground, DIP)


def test_boxes_are_as_far_apart_as_their_nearest_edges() -> None:
    box = (10, 10, 20, 20)
    assert confluence.apart(box, (22, 12, 30, 18)) == 2
    assert confluence.apart(box, (12, 25, 18, 30)) == 5
    assert confluence.apart(box, (22, 25, 30, 30)) == 5
    assert confluence.apart(box, (15, 15, 30, 30)) == -5
