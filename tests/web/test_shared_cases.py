"""The shared cases that only a browser can decode (JPEG) are read by the page's reader in Chromium as by Python."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.shared.scan_cases import SCANS, case_names, load_case
from tests.web.conftest import WEB

pytestmark = pytest.mark.slow

ReadInBrowser = Callable[[str], dict[str, Any]]
NAMES = [name for name in case_names() if load_case(name).get("browser")]


@pytest.fixture(scope="module")
def read_in_browser(node: str, browser: Browser) -> Iterator[ReadInBrowser]:
    """Return a function that reads a case with the page's reader in an empty page."""
    command = [node, "build/bundle.mjs", "test/in-browser.ts"]
    script = subprocess.run(command, cwd=WEB, capture_output=True, text=True, timeout=120, check=True).stdout
    page = browser.new_page()
    page.add_script_tag(content=script)

    def read(name: str) -> dict[str, Any]:
        content = base64.b64encode((SCANS / name).read_bytes()).decode()
        found: dict[str, Any] = page.evaluate("([content, name]) => readInBrowser(content, name)", [content, name])
        return found

    yield read
    page.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_browser_reads_as_python_does(name: str, read_in_browser: ReadInBrowser) -> None:
    expected, found = load_case(name), read_in_browser(name)
    refusal = expected.get("page_error", expected.get("error"))
    if refusal is not None:
        assert refusal in found.get("error", found)
        return
    for scan, facts in zip(found["scans"], expected["scans"], strict=True):
        assert {key: scan[key] for key in facts} == facts
