"""The page in a browser, as a test uses it: opened from disk, driven by Playwright."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""Without a GPU there is neither WebGL nor WebGPU; the others keep Chromium itself off the network."""

PATIENCE_S = 60.0
DESKTOP = (1280, 720)
TABLET = (820, 1180)


@contextmanager
def chromium(executable: str) -> Iterator[Browser]:
    """Start a browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(CHROMIUM_FLAGS))
        yield browser
        browser.close()


class ReaderPage:
    """The page, and all that it asked for or complained about."""

    def __init__(self, browser: Browser, path: Path, size: tuple[int, int] = DESKTOP) -> None:
        """Open it from disk in a fresh profile."""
        self.context = browser.new_context(viewport={"width": size[0], "height": size[1]}, accept_downloads=True)
        self.page: Page = self.context.new_page()
        self.requests: list[str] = []
        self.refusals: dict[str, str] = {}
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("requestfailed", lambda request: self.refusals.update({request.url: request.failure or ""}))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.opened_at = time.perf_counter()
        self.page.goto(path.as_uri())

    def wait(self, condition: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
        """Wait until something holds. Playwright's own waiting evaluates texts, which the page's policy forbids."""
        end = time.perf_counter() + patience_s
        while not condition():
            if time.perf_counter() > end:
                raise AssertionError(
                    f"{what} did not happen in {patience_s} s; the page says {self.text('body')[:500]!r}"
                )
            time.sleep(0.02)

    def text(self, selector: str) -> str:
        """Return what an element says."""
        return self.page.locator(selector).inner_text()

    def is_hidden(self, selector: str) -> bool:
        """Return whether an element is not shown."""
        return not self.page.locator(selector).is_visible()

    def wait_until_ready(self) -> None:
        """Wait for runtime and model."""
        self.wait(lambda: self.page.locator("#starting").text_content() == "Ready.", "starting")

    def wait_until_read(self, patience_s: float = PATIENCE_S) -> None:
        """Wait for all scans and for the pictures of those on the screen."""
        self.wait(lambda: self.page.locator("body").get_attribute("data-busy") == "false", "reading", patience_s)

    def wait_for_view(self) -> None:
        """Wait for a scan on the screen."""
        self.wait(lambda: self.page.locator(".pane").count() > 0, "showing a scan")

    def open(self, paths: Sequence[Path], wait: bool = True) -> None:
        """Open files as with the file dialog."""
        self.page.set_input_files("#file-input", [str(path) for path in paths])
        if wait:
            self.wait_until_read()

    def open_model(self, path: Path) -> None:
        """Open a model as with the file dialog."""
        self.page.set_input_files("#model-input", str(path))

    def drop(self, paths: Sequence[Path]) -> None:
        """Drop files or folders on the page, as the mouse does."""
        session = self.context.new_cdp_session(self.page)
        size = self.page.viewport_size or {"width": DESKTOP[0], "height": DESKTOP[1]}
        data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
        place = {"x": size["width"] / 2, "y": size["height"] / 2, "data": data}
        for kind in (
            "dragEnter",
            "dragOver",
            "dragOver",
            "dragOver",
            "drop",
        ):  # the hint comes under the mouse meanwhile
            session.send("Input.dispatchDragEvent", {"type": kind, **place})

    def press(self, *keys: str) -> None:
        """Press keys, one after another."""
        for key in keys:
            self.page.keyboard.press(key)
        self.settle()

    def settle(self) -> None:
        """Wait until what was changed is drawn: the page draws at one frame, the browser shows it at the next."""
        self.page.evaluate(
            "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"
        )

    def saved(self, key: str) -> tuple[str, bytes]:
        """Press the key of a download; return its name and content."""
        with self.page.expect_download() as download:
            self.page.keyboard.press(key)
        return download.value.suggested_filename, Path(download.value.path()).read_bytes()

    def saved_json(self, key: str = "a") -> list[dict[str, Any]]:
        """Press the key of a download of JSON; return the readings in it."""
        name, content = self.saved(key)
        text = content.decode("utf-8")
        return [json.loads(text)] if name.endswith(".json") else [json.loads(line) for line in text.splitlines()]

    def failures(self) -> list[str]:
        """Return the messages about files that were not read."""
        return self.page.locator("#failure-list li").all_text_contents()

    def read_anyway(self) -> None:
        """Press the first button that reads what was refused."""
        self.page.locator("#failure-list button").first.click()
        self.wait_until_read()

    def close(self) -> None:
        """Close the page and forget its profile."""
        self.context.close()
