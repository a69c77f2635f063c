"""The page, built once with a model that is known beforehand, and the browser it is opened in."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.web.page import ReaderPage, chromium
from tests.web.stand_in import make_app_model

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
APP_MODEL = ROOT / "weights" / "bonescan-app-int8.onnx"
FLOAT_APP_MODEL = ROOT / "weights" / "bonescan-app.onnx"

BUILD_S = 120


@pytest.fixture(scope="session")
def node() -> str:
    """Return Node.js, where it and the packages of the page are installed."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("Node.js is not installed")
    if not (WEB / "node_modules" / "esbuild").is_dir():
        pytest.skip("the packages of web/ are not installed: cd web && npm ci")
    return found


@pytest.fixture(scope="session")
def browser(node: str) -> Iterator[Browser]:
    """Return a Chromium without a window."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        pytest.skip("Chromium is not installed")
    with chromium(executable) as started:
        yield started


@pytest.fixture(scope="session")
def build_page(node: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Return a function that builds the page around a model."""

    def build(model: Path) -> Path:
        out = tmp_path_factory.mktemp("page") / "bonescan.html"
        command = [node, "build/build.mjs", "--model", str(model), "--out", str(out)]
        subprocess.run(command, cwd=WEB, check=True, capture_output=True, timeout=BUILD_S)
        return out

    return build


@pytest.fixture(scope="session")
def app_model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the model of `stand_in` as a file."""
    path = tmp_path_factory.mktemp("model") / "squares-app.onnx"
    path.write_bytes(make_app_model())
    return path


@pytest.fixture(scope="session")
def page_path(build_page: Callable[[Path], Path], app_model_path: Path) -> Path:
    """Return the page around the model of `stand_in`."""
    return build_page(app_model_path)


@pytest.fixture(scope="session")
def shipped_page_path(build_page: Callable[[Path], Path]) -> Path:
    """Return the page around the model that is shipped."""
    if not APP_MODEL.is_file():
        pytest.skip(f"{APP_MODEL.relative_to(ROOT)} is not there: make export")
    return build_page(APP_MODEL)


@pytest.fixture
def reader(browser: Browser, page_path: Path) -> Iterator[ReaderPage]:
    """Return the page, ready to read, around the model of `stand_in`."""
    page = ReaderPage(browser, page_path)
    page.wait_until_ready()
    yield page
    page.close()
