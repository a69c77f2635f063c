"""The small made files of `tests/shared/scans` are read as is written beside them; the page is tested on the same."""

from __future__ import annotations

import pytest

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.scan import read_scans
from tests.shared.scan_cases import SCANS, case_names, describe_scan, load_case


@pytest.mark.parametrize("name", case_names())
def test_a_file_is_read_as_is_written_beside_it(name: str) -> None:
    expected = load_case(name)
    if "error" in expected:
        with pytest.raises(BonescanError) as refusal:
            read_scans(SCANS / name)
        assert expected["error"] in str(refusal.value)
        return
    found = [describe_scan(scan) for scan in read_scans(SCANS / name)]
    assert len(found) == len(expected["scans"])
    for scan, facts in zip(found, expected["scans"], strict=True):
        assert {key: scan[key] for key in facts} == facts


def test_every_file_has_its_reading_and_every_reading_its_file() -> None:
    names = {path.name for path in SCANS.iterdir()}
    assert names == {name for case in case_names() for name in (case, f"{case}.json")}
