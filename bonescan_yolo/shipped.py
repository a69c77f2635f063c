"""The YAML files that ship with the package: in an installed wheel inside it, in a checkout beside it."""

from __future__ import annotations

from pathlib import Path

from bonescan_yolo.errors import BonescanError

PACKAGE = Path(__file__).parent


def shipped_config(name: str) -> Path:
    """Return the path of a YAML file of `configs/`, such as `phantom.yaml`.

    Raises:
        BonescanError: it is missing.
    """
    for folder in (PACKAGE, PACKAGE.parent):
        path = folder / "configs" / name
        if path.is_file():
            return path
    raise BonescanError(f"configs/{name}: is missing; it comes with the package. Install the package again")
