"""How metastases crowd: counts, sizes, and the dip between neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.realism.boxed_scans import BoxedScan, LabelledBox
from benchmarks.realism.crowding import MANY, NEIGHBOUR_PX, brightest, crowding
from bonescan_yolo.phantom.labels.confluence import dip


@pytest.mark.parametrize("floor", [20.0, 40.0, 60.0])
def test_the_dip_is_the_darkest_between_two_peaks_over_the_fainter(floor: float) -> None:
    smooth = np.full((40, 40), 10.0, np.float32)
    smooth[15, 8:29] = floor
    smooth[15, 8], smooth[15, 28] = 80.0, 100.0
    peaks = [brightest(smooth, box) for box in ((5, 12, 12, 18), (24, 12, 31, 18))]
    assert dip(smooth, peaks[0], peaks[1]) == pytest.approx(floor / 80)


def scan(count: int, step: int) -> BoxedScan:
    boxes: list[LabelledBox] = [(True, 100, 20 + step * k, 108, 26 + step * k) for k in range(count)]
    return BoxedScan(np.full((1024, 256), 9, np.uint8), "anterior", [*boxes, (False, 10, 10, 20, 20)])


@pytest.mark.parametrize(("count", "kind"), [(MANY, "crowded"), (MANY - 1, "other")])
def test_each_abnormal_box_counts_those_of_its_scan(count: int, kind: str) -> None:
    found = list(crowding(scan(count, step=20)))
    assert [value for name, value in found if name.startswith("abnormal boxes")] == [count] * count
    sides = [value for name, value in found if name == f"side on {kind} scans, px"]
    assert sides == pytest.approx([48**0.5] * count)
    assert len(found) == 2 * count


def test_only_neighbours_have_a_dip() -> None:
    assert sum("between" in name for name, _ in crowding(scan(4, step=6 + NEIGHBOUR_PX))) == 3
    assert not any("between" in name for name, _ in crowding(scan(4, step=7 + NEIGHBOUR_PX)))
