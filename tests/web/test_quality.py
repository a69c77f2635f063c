"""What cannot be a whole-body bone scan is not read on the page unless the user says so, and doubts are on the scan."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import numpy as np
import pytest

from bonescan_yolo.predict.formats.reading_json import read_schema
from tests.factories import grey_scan, save
from tests.scan.quality.quality_pictures import body
from tests.web.conftest import WEB
from tests.web.page import ReaderPage

pytestmark = pytest.mark.slow


def test_a_refused_scan_is_listed_and_read_on_demand(reader: ReaderPage, tmp_path: Path) -> None:
    lying = save(tmp_path / "lying_ant.png", np.ascontiguousarray(np.rot90(body(4).astype(np.uint8))))
    reader.open([lying])
    (line,) = reader.failures()
    assert line.startswith("lying_ant.png: shows the body lying; turn it by 90 degrees clockwise (--turn 90)")
    assert reader.page.locator(".pane").count() == 0
    axe = (WEB / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    reader.page.evaluate(f"() => {{ {axe} }}")
    for _ in ("refused", "read anyway"):
        found = reader.page.evaluate("async () => (await axe.run()).violations.map(({id, impact}) => [impact, id])")
        assert [violation for violation in found if violation[0] in ("serious", "critical")] == []
        if reader.failures():
            reader.read_anyway()
    reader.wait_for_view()
    assert reader.failures() == []
    assert reader.text(".pane .doubts").startswith("Quality: shows the body lying")
    (reading,) = reader.saved_json()
    jsonschema.validate(reading, read_schema())
    assert (reading["quality"]["refused"], reading["quality"]["doubts"][0]["code"]) == (True, "lying")


def test_few_counts_are_said_on_the_scan_and_a_good_scan_says_nothing(reader: ReaderPage, tmp_path: Path) -> None:
    reader.open([save(tmp_path / "1_ant.png", body(counts=0.5)), save(tmp_path / "2_ant.png", grey_scan())])
    assert reader.failures() == []
    assert "hot spots are easily missed" in reader.text(".pane .doubts")
    reader.press("n")
    reader.wait_until_read()
    assert reader.page.locator(".pane .doubts").count() == 0
