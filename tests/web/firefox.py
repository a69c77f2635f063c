"""The page in Firefox, driven by Marionette, the protocol built into Firefox, which needs no driver and no package.

Protocol: https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

START_S = 60.0
PATIENCE_S = 60.0

PORT_FILE = "MarionetteActivePort"
"""Firefox writes the port it listens on into this file of its profile."""

PREFERENCES: dict[str, bool | int | str] = {
    "marionette.port": 0,  # any free one
    "browser.download.folderList": 2,  # into `browser.download.dir`, without asking
    "browser.helperApps.neverAsk.saveToDisk": "application/json",
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
}


class FirefoxError(RuntimeError):
    """Firefox refused a command."""


class FirefoxPage:
    """The page in a running Firefox, as `tests.web.page.ReaderPage` is in Chromium."""

    def __init__(self, connection: socket.socket, downloads: Path) -> None:
        """Begin a session over the connection."""
        self.downloads = downloads
        self._stream = connection.makefile("rwb")
        self._last_id = 0
        self._receive()  # the greeting
        self.version: str = self._send("WebDriver:NewSession")["capabilities"]["browserVersion"]

    def goto(self, path: Path) -> None:
        """Open a file from disk."""
        self._send("WebDriver:Navigate", {"url": path.as_uri()})

    def evaluate(self, script: str) -> Any:
        """Return what the body of a function returns in the page."""
        return self._send("WebDriver:ExecuteScript", {"script": script, "args": []})["value"]

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until something holds."""
        end = time.perf_counter() + PATIENCE_S
        while not condition():
            if time.perf_counter() > end:
                text = self.evaluate("return document.body.innerText.slice(0, 500)")
                raise AssertionError(f"{what} did not happen in {PATIENCE_S} s; the page says {text!r}")
            time.sleep(0.02)

    def wait_until_ready(self) -> None:
        """Wait for runtime and model."""
        script = "return document.querySelector('#starting').textContent"
        self.wait(lambda: self.evaluate(script) == "Ready.", "starting")

    def open(self, paths: Sequence[Path], selector: str = "#file-input") -> None:
        """Open files as with a file dialog of the page, and wait until they are read."""
        text = "\n".join(str(path) for path in paths)
        self._send("WebDriver:ElementSendKeys", {"id": self._element(selector), "text": text})
        self.wait(lambda: self.evaluate("return document.body.dataset.busy") == "false", "reading")

    def saved_json(self) -> list[dict[str, Any]]:
        """Save all readings as JSON; return them."""
        before = set(self.downloads.iterdir())

        def is_saved() -> bool:
            """Return whether the empty file and the .part file, which Firefox writes first, have become one file."""
            new = set(self.downloads.iterdir()) - before
            return len(new) == 1 and all(path.suffix != ".part" and path.stat().st_size for path in new)

        self._send("WebDriver:ElementClick", {"id": self._element("#save-all")})
        self.wait(is_saved, "saving")
        (path,) = set(self.downloads.iterdir()) - before
        text = path.read_text(encoding="utf-8")
        return [json.loads(text)] if path.suffix == ".json" else [json.loads(line) for line in text.splitlines()]

    def failures(self) -> list[str]:
        """Return the messages about files that were not read."""
        return self.evaluate("return [...document.querySelectorAll('#failure-list li')].map((li) => li.textContent)")

    def quit(self) -> None:
        """Close the browser."""
        self._send("Marionette:Quit", {"flags": ["eForceQuit"]})

    def _element(self, selector: str) -> str:
        found = self._send("WebDriver:FindElement", {"using": "css selector", "value": selector})["value"]
        (reference,) = found.values()
        return reference

    def _send(self, command: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """Send a command; return its result."""
        self._last_id += 1
        message = json.dumps([0, self._last_id, command, parameters or {}]).encode()
        self._stream.write(b"%d:%s" % (len(message), message))
        self._stream.flush()
        _, _, error, result = self._receive()
        if error is not None:
            raise FirefoxError(f"{command}: {error['error']}: {error['message']}")
        return result

    def _receive(self) -> Any:
        """Return the next message: its length in bytes, a colon, JSON."""
        length = b""
        while (digit := self._stream.read(1)) != b":":
            if not digit:
                raise FirefoxError("Firefox closed the connection")
            length += digit
        return json.loads(self._stream.read(int(length)))


@contextmanager
def firefox(executable: str, folder: Path) -> Iterator[FirefoxPage]:
    """Start Firefox with its profile, its home and its downloads in an empty folder."""
    profile, downloads = folder / "profile", folder / "downloads"
    profile.mkdir()
    downloads.mkdir()
    preferences = {**PREFERENCES, "browser.download.dir": str(downloads)}
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in preferences.items()]
    (profile / "user.js").write_text("".join(lines), encoding="utf-8")
    command = [executable, "--headless", "--marionette", "--no-remote", "--profile", str(profile)]
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(command, env={**os.environ, "HOME": str(folder)}, stdout=log, stderr=log)
    try:
        with socket.create_connection(("127.0.0.1", _port(profile, process)), timeout=PATIENCE_S) as connection:
            page = FirefoxPage(connection, downloads)
            yield page
            page.quit()
            process.wait(PATIENCE_S)
    finally:
        process.kill()
        process.wait()


def _port(profile: Path, process: subprocess.Popen[bytes]) -> int:
    """Wait until Firefox listens; return its port."""
    end = time.perf_counter() + START_S
    while time.perf_counter() < end and process.poll() is None:
        if (profile / PORT_FILE).is_file() and (text := (profile / PORT_FILE).read_text(encoding="utf-8")):
            return int(text)
        time.sleep(0.05)
    log = (profile.parent / "log.txt").read_text(encoding="utf-8", errors="replace")
    raise FirefoxError(f"Firefox did not start in {START_S} s: {log[-500:]}")
