"""Versions for records: a package that is not installed is left out and stops nobody."""

from __future__ import annotations

import platform

import numpy as np

from bonescan_yolo.version import __version__, package_versions


def test_only_installed_packages_are_named() -> None:
    found = package_versions(("numpy", "no-such-package"))
    assert found == {"bonescan_yolo": __version__, "python": platform.python_version(), "numpy": np.__version__}
