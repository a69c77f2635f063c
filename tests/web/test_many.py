"""Two hundred scans at once: the page answers, reports its progress, can be stopped, and does not grow."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from tests.factories import grey_scan, save
from tests.web.page import ReaderPage

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc"),
]

SCANS = 200

GROWTH_MIB = 40.0
"""Kept pixels of the second hundred would take 50 MiB as stored in the files, 100 MiB as counts."""


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return files of 16 bit, both views of a hundred studies."""
    folder = tmp_path_factory.mktemp("many")
    noise = np.random.default_rng(0)
    paths = []
    for number in range(SCANS // 2):
        for view in ("ant", "post"):
            counts = noise.poisson(grey_scan() * 20.0).astype(np.uint16)
            paths.append(save(folder / f"{number}_{view}.png", counts, compress_level=1))
    return paths


def memory_mib() -> float:
    """Return how much memory the pages of this test's browser hold (resident, not shared with files)."""
    parents, pages = {}, []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = (folder / "status").read_text(encoding="utf-8")
            command = (folder / "cmdline").read_text(encoding="utf-8")
        except OSError:  # it has ended
            continue
        parents[int(folder.name)] = int(status.split("PPid:")[1].split()[0])
        if "--type=renderer" in command:
            pages.append((int(folder.name), int(status.split("RssAnon:")[1].split()[0]) / 1024))
    return sum(size for process, size in pages if is_below(process, os.getpid(), parents))


def is_below(process: int, ancestor: int, parents: dict[int, int]) -> bool:
    """Return whether a process was started by another, or by one that it started."""
    while process in parents and process != ancestor:
        process = parents[process]
    return process == ancestor


def done_of(reader: ReaderPage) -> int:
    """Return how many files the progress says are read."""
    return int(reader.page.evaluate("() => document.getElementById('progress-bar').value"))


def test_two_hundred_scans_stay_responsive_and_flat(reader: ReaderPage, scans: list[Path]) -> None:
    reader.drop(scans)
    reader.wait(lambda: done_of(reader) >= 2, "progress")
    assert reader.text("#progress-text").endswith(f" of {SCANS} read")
    reader.press("n", "i", "+")
    assert reader.page.locator("#study-list button[aria-current=true]").inner_text().startswith("1")
    reader.wait(lambda: done_of(reader) >= SCANS // 2, "half of the reading", patience_s=240)
    at_half = memory_mib()
    reader.wait(lambda: reader.is_hidden("#progress"), "reading", patience_s=240)
    assert memory_mib() - at_half < GROWTH_MIB
    assert reader.page.locator("#study-list li").count() == SCANS // 2
    assert len(reader.saved_json()) == SCANS
    assert reader.failures() == []


def test_reading_can_be_stopped_and_taken_up_again(reader: ReaderPage, scans: list[Path]) -> None:
    reader.drop(scans)
    reader.wait(lambda: done_of(reader) >= 3, "progress")
    reader.page.click("#cancel")
    reader.wait(lambda: reader.is_hidden("#progress"), "stopping", patience_s=10)
    read = len(reader.saved_json())
    assert 3 <= read < SCANS
    last = reader.page.locator("#study-list li button").last
    assert last.inner_text().endswith("not read")
    last.click()
    reader.wait(lambda: reader.page.locator("#table tbody button").count() == 6, "reading the chosen study")
    assert len(reader.saved_json()) == read + 2
