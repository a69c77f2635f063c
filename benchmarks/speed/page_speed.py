"""Measure the page of web/ in Chromium: from opening to the first scan, each scan after it, and two hundred scans.

    make web && python -m benchmarks.speed.page_speed [--page web/dist/bonescan.html] [--chromium /usr/bin/chromium]

Chromium runs without a GPU, and the scans are simulated. Prints one line per figure, last as JSON. Exits with 1 if it
misses a bar.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser

from bonescan_yolo.phantom.generate import Order, generate
from bonescan_yolo.phantom.parameters import read_parameters
from tests.web.page import ReaderPage, chromium

STUDIES = 5
SEED = 9
MANY = 200
MANY_PATIENCE_S = 600.0

FIRST_BAR_S = 3.0
"""From opening the page to the boxes of a scan that was dropped immediately."""

NEXT_BAR_S = 1.0
"""From dropping one more scan to its boxes."""

LONGEST_PAUSE_BAR_MS = 400.0
"""For which the page does not react while it reads many scans."""

WATCH_PAUSES = """() => {
    window.longest = 0;
    let last = performance.now();
    setInterval(() => {
        const now = performance.now();
        window.longest = Math.max(window.longest, now - last);
        last = now;
    }, 10);
}"""

RUNS = 3


def main() -> int:
    """Measure and print; returns 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--page", type=Path, default=Path("web/dist/bonescan.html"))
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    options = parser.parse_args()
    if not options.page.is_file() or options.chromium is None:
        parser.error("the page or Chromium is missing: make web; apt-get install chromium")
    with tempfile.TemporaryDirectory() as name, chromium(options.chromium) as browser:
        generate(Path(name) / "phantom", Order(STUDIES, SEED, read_parameters()), 1)
        scans = sorted(Path(name).rglob("*.jpg"))
        first_s = [first_scan_s(browser, options.page.resolve(), scans[0]) for _ in range(RUNS)]
        next_s, all_s, pause_ms = following_scans_s(browser, options.page.resolve(), scans)
    print(f"opening to the boxes of the first scan: {', '.join(f'{value:.2f}' for value in first_s)} s")
    print(f"each next scan: median {statistics.median(next_s):.2f} s, longest {max(next_s):.2f} s")
    print(f"{MANY} scans at once: {all_s:.1f} s, {MANY / all_s:.1f} scans/s, longest pause {pause_ms:.0f} ms")
    result = {"benchmark": "page_speed", "first_s": first_s, "next_s": next_s, "many": MANY, "many_s": all_s}
    bars = {"first_s": FIRST_BAR_S, "next_s": NEXT_BAR_S, "longest_pause_ms": LONGEST_PAUSE_BAR_MS}
    print(json.dumps({**result, "longest_pause_ms": pause_ms, "bars": bars}))
    return int(max(first_s) > FIRST_BAR_S or max(next_s) > NEXT_BAR_S or pause_ms > LONGEST_PAUSE_BAR_MS)


def first_scan_s(browser: Browser, path: Path, scan: Path) -> float:
    """Return the time from opening the page to the boxes of a scan."""
    page = ReaderPage(browser, path)
    page.open([scan], wait=False)
    page.wait_for_view()
    seconds = time.perf_counter() - page.opened_at
    page.close()
    return seconds


def following_scans_s(browser: Browser, path: Path, scans: list[Path]) -> tuple[list[float], float, float]:
    """Return the seconds of each scan after the first and of many dropped at once, and the longest pause in ms."""
    page = ReaderPage(browser, path)
    page.open(scans[:1])
    each = []
    for scan in scans[1:]:
        start = time.perf_counter()
        page.open([scan])
        each.append(time.perf_counter() - start)
    page.page.evaluate(WATCH_PAUSES)
    start = time.perf_counter()
    page.open((scans * MANY)[:MANY], wait=False)
    page.wait_until_read(MANY_PATIENCE_S)
    total = time.perf_counter() - start
    pause_ms = float(page.page.evaluate("() => window.longest"))
    page.close()
    return each, total, pause_ms


if __name__ == "__main__":
    sys.exit(main())
