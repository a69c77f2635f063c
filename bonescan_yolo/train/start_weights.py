"""The weights that a training run starts from."""

from __future__ import annotations

import contextlib
import re
import sys
from pathlib import Path

from bonescan_yolo.errors import BonescanError, ModelError

SCRATCH = "scratch"
PUBLISHED = re.compile(r"^yolov8[nsmlx](-p2|-p6)?\.pt$")
DOWNLOAD_FOLDER = Path("weights")
SHIPPED = DOWNLOAD_FOLDER / "bonescan.pt"
"""The shipped weights, part of the source."""


def resolve_weights(weights: str, model: str) -> tuple[str, str | bool]:
    """Return Ultralytics' `model` and `pretrained` arguments for a configured start.

    Args:
        weights: `scratch`, the path of a .pt file, or a published name such as `yolov8n.pt`, which is downloaded.
        model: architecture, such as `yolov8n`.

    Raises:
        ModelError: the file does not exist, or cannot be downloaded.
    """
    architecture = f"{model}.yaml"
    if weights == SCRATCH:
        return architecture, False
    path = Path(weights)
    if path.is_file():
        return architecture, str(path)
    if PUBLISHED.match(weights):
        return architecture, str(_download(weights))
    raise ModelError(
        f"{weights}: does not exist; give the path of a .pt file such as {SHIPPED}, `yolov8n.pt` to download it, "
        f"or `{SCRATCH}`"
    )


def _download(name: str) -> Path:
    """Return the local copy of published weights, downloaded by Ultralytics if it is missing."""
    path = DOWNLOAD_FOLDER / name
    if path.is_file():
        return path
    from ultralytics.utils.downloads import attempt_download_asset

    sys.stderr.write(f"downloading {name}\n")
    try:
        DOWNLOAD_FOLDER.mkdir(parents=True, exist_ok=True)
        attempt_download_asset(path)
    except Exception as error:  # errors of urllib and ssl, OSError, ConnectionError and others
        path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # not empty: it existed before
            DOWNLOAD_FOLDER.rmdir()
        raise _unreachable(name) from error
    if not path.is_file():
        raise _unreachable(name)
    return path


def _unreachable(name: str) -> BonescanError:
    return ModelError(
        f"{name}: cannot be downloaded; put the file into {DOWNLOAD_FOLDER}/ by hand, "
        f"or train with `--weights {SHIPPED}` or `--weights {SCRATCH}`"
    )
