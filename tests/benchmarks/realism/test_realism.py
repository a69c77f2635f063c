"""The comparison of real and simulated scans: what it measures, and where it may write."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.realism.boxed_scans import BoxedScan
from benchmarks.realism.contact_sheet import GAP_PX, REPOSITORY, require_outside, sheet
from benchmarks.realism.phantom_realism import (
    SPECTRUM_PX,
    bladder_peak,
    distance,
    figures,
    ground_between_hips,
    print_table,
    spectrum,
)
from bonescan_yolo.errors import BonescanError

BLADDER = (False, 120, 495, 136, 510)
LESION = (True, 110, 300, 120, 310)


def boxed_scan(*boxes: tuple[bool, int, int, int, int]) -> BoxedScan:
    """A grey plank for a body, rows 20 to 1,000, on black, with noise; the boxes are hot."""
    pixels = np.zeros((1024, 256), np.uint8)
    pixels[20:1000, 80:176] = np.random.default_rng(0).poisson(12, (980, 96))
    for _, x1, y1, x2, y2 in boxes:
        pixels[y1:y2, x1:x2] = 100
    return BoxedScan(pixels, "anterior", list(boxes))


@pytest.mark.parametrize("out", ["sheet.png", "runs/sheet.png", "runs/../docs/sheet.png"])
def test_patients_stay_out_of_the_repository(out: str) -> None:
    with pytest.raises(BonescanError, match=r"is inside the repository .* give a path outside it"):
        require_outside(REPOSITORY / out)


def test_patients_stay_out_of_other_checkouts(tmp_path: Path) -> None:
    require_outside(tmp_path / "sheet.png")
    (tmp_path / ".git").mkdir()
    with pytest.raises(BonescanError):
        require_outside(tmp_path / "folder" / "sheet.png")


def test_sheet_shows_every_scan_with_its_boxes() -> None:
    shown = sheet([[boxed_scan(LESION)], [boxed_scan(BLADDER), boxed_scan()]])
    colours = {colour for _, colour in shown.getcolors(maxcolors=1 << 16) or []}
    assert {(0xFF, 0x5A, 0x36), (0x35, 0xC9, 0xA5)} <= colours
    assert (shown.width - GAP_PX) % 3 == 0


@pytest.mark.parametrize(
    ("boxes", "expected"),
    [
        ((BLADDER,), 100),
        ((LESION,), None),  # abnormal, and too high
        (((True, *BLADDER[1:]),), None),  # abnormal
        (((False, 82, 495, 95, 510),), None),  # an injection site at the hand
    ],
)
def test_bladder_is_the_normal_box_in_the_pelvis(
    boxes: tuple[tuple[bool, int, int, int, int], ...], expected: float | None
) -> None:
    assert bladder_peak(boxed_scan(*boxes)) == expected


def test_ground_between_the_hips_is_what_no_box_holds() -> None:
    wide = (False, 100, 470, 156, 500)
    assert ground_between_hips(boxed_scan(wide)) == pytest.approx(12, abs=1)
    assert ground_between_hips(boxed_scan((False, 80, 400, 176, 600))) is None


def test_thighs_beside_the_bones_of_a_superscan_are_left_out() -> None:
    scan = boxed_scan()
    assert not np.isnan(
        [value for named in figures(iter([scan])).values() for own in named.values() for value in own]
    ).any()
    grey = scan.grey.astype(int)
    grey[20:480] *= 20
    grey[960:1000] *= 20  # feet show
    hot = BoxedScan(np.minimum(grey, 255).astype(np.uint8), "anterior", [])
    found = {name: values for named in figures(iter([hot])).values() for name, values in named.items()}
    assert "soft tissue (thighs) in body levels" not in found
    assert not np.isnan(np.concatenate(list(found.values()))).any()


def test_spectrum_of_white_noise_is_flat_and_of_a_wave_is_not() -> None:
    white = np.random.default_rng(1).normal(size=(SPECTRUM_PX, SPECTRUM_PX)).astype(np.float32)
    assert spectrum(white) == pytest.approx([1, 1, 1], rel=0.3)
    wave = np.tile(np.sin(2 * np.pi * np.arange(SPECTRUM_PX) / 6), (SPECTRUM_PX, 1)).astype(np.float32)
    fine, middle, coarse = spectrum(wave)
    assert middle > 10 * max(fine, coarse)


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [([1, 2], [1, 2], 0), ([1, 2], [3, 4], 1), ([1, 2], [2, 3], 0.5), ([0, 0, 0, 1], [0], 0.25)],
)
def test_distance(one: list[float], other: list[float], apart: float) -> None:
    assert distance(one, other) == pytest.approx(apart)


def test_counts_are_compared_by_their_means(capsys: pytest.CaptureFixture[str]) -> None:
    real = figures(iter([boxed_scan(), boxed_scan(), boxed_scan(LESION), boxed_scan(BLADDER)]))
    ours = figures(iter([boxed_scan(), boxed_scan(LESION)]))
    ratios = print_table(real, ours)
    assert ratios["anterior: abnormal boxes"] == 2
    assert ratios["anterior: scans without abnormal, %"] == pytest.approx(0.5 / 0.75, abs=0.001)
    assert ratios["body height, % of the frame"] == 1
    assert ratios["anterior bladder, peak in body levels"] is None
    assert "each box" in capsys.readouterr().out


@pytest.mark.parametrize(("quantile", "expected"), [(0.5, 5.0), (0.95, 2.0)])
def test_contrast_is_the_peak_over_what_is_around_it_other_boxes_aside(quantile: float, expected: float) -> None:
    """A spot of 100 on a ground of 20, beside a stripe of 50 and the hotter spot of another box."""
    grey = np.full((1024, 256), 20, np.uint8)
    grey[300:320, 100:120] = 100
    grey[290:330, 85:98] = 50
    grey[300:320, 122:130] = 250
    spot, neighbour = (True, 98, 298, 122, 322), (True, 122, 290, 140, 330)
    found = BoxedScan(grey, "anterior", [spot, neighbour]).contrast(spot, quantile)
    assert found == pytest.approx(expected, rel=0.06)


def test_a_box_with_nothing_around_it_has_no_contrast() -> None:
    boxes = [LESION, (True, 100, 290, 130, 320)]
    assert boxed_scan(*boxes).contrast(LESION, 0.5) is None
