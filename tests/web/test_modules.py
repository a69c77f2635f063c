"""The tests of the page's own modules, in web/test, run by Node.js."""

from __future__ import annotations

import subprocess

import pytest

from tests.web.conftest import WEB

pytestmark = pytest.mark.slow


def test_modules_pass_their_own_tests(node: str) -> None:
    done = subprocess.run([node, "build/test.mjs"], cwd=WEB, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "# fail 0" in done.stdout
