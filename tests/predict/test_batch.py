"""Reading many files: their order, what cannot be read, and how far ahead."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import numpy as np
import pytest

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.predict.batch import AHEAD, read_files, threads_for
from tests import factories


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Scans whose first rows encode their number, and one file that is not a scan."""
    paths = []
    for number in range(20):
        grey = factories.grey_scan()
        grey[0, :] = number
        paths.append(factories.save(tmp_path / f"{number:02}.png", grey))
    paths[7].write_bytes(b"no scan")
    return paths


def test_files_come_in_their_order_with_what_is_wrong(files: list[Path], model_path: Path) -> None:
    detector = Detector(model_path, threads=threads_for(len(files)))
    found = list(read_files(files, detector))
    assert len(found) == len(files)
    for number, readings in enumerate(found):
        if number == 7:
            (error,) = readings
            assert isinstance(error, BonescanError)
            assert "07.png" in str(error)
        else:
            (reading,) = readings
            assert not isinstance(reading, BonescanError)
            assert (reading.scan.pixels[0, 0], len(reading.boxes)) == (number, len(factories.SPOT_BOXES))


def test_many_are_read_as_one_is(files: list[Path], model_path: Path) -> None:
    one = Detector(model_path)(files[3])[0]
    (reading,) = list(read_files(files, Detector(model_path, threads=1)))[3]
    assert not isinstance(reading, BonescanError)
    np.testing.assert_array_equal(reading.boxes, one.boxes)
    np.testing.assert_allclose(reading.confidences, one.confidences, atol=1e-6)


def test_only_a_few_are_read_ahead(files: list[Path], model_path: Path) -> None:
    drawn = 0

    class Drawn(list[Path]):
        def __iter__(self) -> Iterator[Path]:
            nonlocal drawn
            for path in files:
                drawn += 1
                yield path

    found = read_files(Drawn(files), Detector(model_path, threads=1))
    for number in range(1, 5):
        next(found)
        assert drawn <= number + AHEAD * (os.cpu_count() or 1)
    assert isinstance(found, Generator)
    found.close()
    assert drawn < len(files)


def test_no_files_are_no_readings(model_path: Path) -> None:
    assert not list(read_files([], Detector(model_path)))


@pytest.mark.parametrize(("number", "threads"), [(0, 0), (1, 0), (2, 1), (500, 1)])
def test_one_scan_takes_all_cores_and_many_take_one_each(number: int, threads: int) -> None:
    assert threads_for(number) == threads
