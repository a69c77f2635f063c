"""The version of this package, and of the packages recorded so that a result can be reproduced."""

from __future__ import annotations

from collections.abc import Sequence

__version__ = "0.2.0"


def package_versions(packages: Sequence[str]) -> dict[str, str]:
    """Return the versions of this project, of Python, and of those packages that are installed.

    A library can come from a different package than the one in requirements.txt (opencv-python-headless,
    onnxruntime-gpu): name them all.
    """
    import platform
    from importlib.metadata import PackageNotFoundError, version

    found = {"bonescan_yolo": __version__, "python": platform.python_version()}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
