"""DICOM of nuclear medicine, written with pydicom."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import FileDataset
from pydicom.uid import (
    RLELossless,
)

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.scan import Scan, read_scans
from tests.factories import count_scan, nm_dataset, save_dicom
from tests.scan.pictures.test_raster import mutants, refusal_of

PHOTOPEAK = (126.0, 154.0)
SCATTER = (92.0, 125.0)


def read(folder: Path, dataset: FileDataset) -> list[Scan]:
    return read_scans(save_dicom(folder / "scan.dcm", dataset))


def test_one_frame(tmp_path: Path) -> None:
    (scan,) = read(tmp_path, nm_dataset([count_scan()], spacing=(2.4, 2.26)))
    np.testing.assert_array_equal(scan.pixels, count_scan())
    assert scan.pixels.dtype == np.float32
    assert scan.pixel_spacing_mm == (2.4, 2.26)
    assert (scan.view, scan.inverted) == (None, False)


def test_both_views_in_a_file(tmp_path: Path) -> None:
    frames = [count_scan(spot=1000), count_scan(spot=2000)]
    scans = read(tmp_path, nm_dataset(frames, ["Posterior", "Anterior"]))
    assert [scan.view for scan in scans] == ["posterior", "anterior"]
    assert [int(scan.pixels.max()) for scan in scans] == [1000, 2000]
    assert [(scan.frame, scan.frame_count) for scan in scans] == [(0, 2), (1, 2)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [((2.26, 2.4), (2.26, 2.4)), (None, None), ((0, 2), None), ((-1, -1), None)],
)
def test_spacing(tmp_path: Path, given: tuple[float, float] | None, expected: tuple[float, float] | None) -> None:
    assert read(tmp_path, nm_dataset([count_scan()], spacing=given))[0].pixel_spacing_mm == expected


def test_spacing_of_one_number_is_unknown(tmp_path: Path) -> None:
    dataset = nm_dataset([count_scan()], spacing=None)
    dataset.PixelSpacing = 2.26
    assert read(tmp_path, dataset)[0].pixel_spacing_mm is None


@pytest.mark.parametrize("error", [StopIteration(), AssertionError(), BufferError("two\nlines"), ImportWarning("odd")])
def test_whatever_pydicom_raises_is_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise error

    path = save_dicom(tmp_path / "bad.dcm", nm_dataset([count_scan()]))
    monkeypatch.setattr(pydicom, "dcmread", fail)
    with pytest.raises(BonescanError) as refusal:
        read_scans(path)
    reason = " ".join(str(error).split()) or type(error).__name__
    assert str(refusal.value) == f"{path}: is damaged DICOM ({reason}); export it again from its source"


@pytest.mark.parametrize("compressed", [False, True])
def test_damage_never_escapes(tmp_path: Path, compressed: bool) -> None:
    small = count_scan()[::8, ::8]
    dataset = nm_dataset([small] * 2, ["Anterior", "Posterior"], windows=[PHOTOPEAK], window_vector=[1, 1])
    if compressed:
        dataset.compress(RLELossless)
    good = save_dicom(tmp_path / "good.dcm", dataset).read_bytes()
    path = tmp_path / "bad.dcm"
    head = good.index(b"DICM")
    refused = 0
    for mutant in mutants(good[head:], 200, seed=11):
        path.write_bytes(good[:head] + mutant)
        refusal = refusal_of(path)
        if refusal is not None:
            assert refusal.startswith(f"{path}: ")
            assert "\n" not in refusal
            refused += 1
    assert 20 < refused < 200
