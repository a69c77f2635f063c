"""Firefox reads PNG and JPEG as Python does: what the page saves there is what `predict` writes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bonescan_yolo.commands.predict import main as predict
from tests.conftest import RunCommand
from tests.factories import grey_scan, save
from tests.web.firefox import FirefoxPage, firefox

pytestmark = pytest.mark.slow

BRIGHTENING = 3
"""Of the made scan: every cell of its body then is a box, whose confidence gives the mean grey level."""

CONFIDENCE_TOLERANCE = 1.01e-4
"""One unit of the last of the four decimals in JSON, where the last digits of float32 round the other way."""


@pytest.fixture(scope="session")
def firefox_path() -> str:
    """Return the Firefox to test with."""
    found = shutil.which("firefox-esr") or shutil.which("firefox")
    if found is None:
        pytest.skip("Firefox is not installed")
    return found


@pytest.fixture
def firefox_page(firefox_path: str, page_path: Path, tmp_path: Path) -> Iterator[FirefoxPage]:
    """Return the page, ready to read, in a Firefox without a window."""
    folder = tmp_path / "firefox"
    folder.mkdir()
    with firefox(firefox_path, folder) as page:
        page.goto(page_path)
        page.wait_until_ready()
        yield page


def without_boxes(reading: dict[str, Any]) -> dict[str, Any]:
    """Return what must be the same to the letter: all but the boxes, and the folder of the scan."""
    facts = {**reading["scan"], "path": Path(reading["scan"]["path"]).name}
    summary = {key: value for key, value in reading["summary"].items() if key != "scan_abnormal_confidence"}
    return {**reading, "scan": facts, "summary": summary, "detections": len(reading["detections"])}


def confidences(reading: dict[str, Any]) -> dict[tuple[str, tuple[float, ...]], float]:
    """Return the confidence of each box by its class and corners."""
    return {(box["class"], tuple(box["box_xyxy"])): box["confidence"] for box in reading["detections"]}


def test_firefox_saves_what_predict_writes_for_png_and_jpeg(
    firefox_page: FirefoxPage, app_model_path: Path, tmp_path: Path, run_command: RunCommand
) -> None:
    noisy = np.random.default_rng(0).poisson(BRIGHTENING * grey_scan()).clip(0, 255).astype(np.uint8)
    paths = [
        save(tmp_path / "1_ant.png", noisy),
        save(tmp_path / "2_post.jpg", noisy, quality=100),
    ]
    firefox_page.open(paths)
    assert firefox_page.failures() == []
    found = firefox_page.saved_json()
    done = run_command(predict, *paths, "--model", app_model_path, "--out", "-")
    assert done.err == ""
    expected = [json.loads(line) for line in done.out.splitlines()]
    assert len(found) == len(expected) == len(paths)
    for reading, python in zip(found, expected, strict=True):
        assert len(reading["detections"]) > 200
        assert without_boxes(reading) == without_boxes(python)
        assert confidences(reading) == pytest.approx(confidences(python), abs=CONFIDENCE_TOLERANCE)
