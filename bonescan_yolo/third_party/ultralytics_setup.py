"""Making Ultralytics a quiet, offline library. Call `prepare_ultralytics()` before the first `import ultralytics`.

Ultralytics reads its environment and settings at import: it looks for a network, sends usage statistics, installs
missing packages by itself, downloads a font, and logs to every experiment tracker it finds. All of this is switched off
here, in a settings folder of this project, so that the user's own Ultralytics settings are not changed.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path

from bonescan_yolo.third_party.onnxruntime_setup import disable_onnxruntime_telemetry

ENVIRONMENT = {
    "YOLO_OFFLINE": "1",  # no search for a network, no statistics
    "YOLO_AUTOINSTALL": "false",  # no `pip install` behind the user's back
    "YOLO_VERBOSE": "false",  # no banners; this package prints what matters
}

SAFE_LOAD = "ULTRALYTICS_SAFE_LOAD"
"""Environment variable that Ultralytics reads at import: it then loads .pt files with an allow-list of classes, and
builds networks from descriptions without running code in them."""

FONT_NAME = "Arial.ttf"
"""The font that Ultralytics would download; replaced by DejaVu Sans, which comes with matplotlib."""

SETTINGS = {
    "sync": False,
    "clearml": False,
    "comet": False,
    "dvc": False,
    "mlflow": False,
    "raytune": False,
    "tensorboard": False,
    "wandb": False,
    "vscode_msg": False,
    "openvino_msg": False,
}
"""What differs from Ultralytics' defaults: no trackers, no messages, nothing sent."""


def prepare_ultralytics() -> None:
    """Set environment, settings and font, and undo what Ultralytics changes in torchvision and Pillow.

    May be called several times; the first call imports torch.
    """
    os.environ.update(ENVIRONMENT)
    os.environ.setdefault(SAFE_LOAD, "1")  # a process of another GPU has it from the first one
    disable_onnxruntime_telemetry()  # its exporter imports onnxruntime
    folder = _settings_folder()
    os.environ["YOLO_CONFIG_DIR"] = str(folder)
    _provide_font(folder / "Ultralytics")
    import numpy as np
    from PIL import Image

    pillow_open, print_options = Image.open, np.get_printoptions()
    _fix_torchvision()
    import ultralytics.utils

    # Ultralytics replaces both: its own `open` needs another package for files that are not pictures, and arrays of the
    # whole process would be printed in its format.
    Image.open = pillow_open
    np.set_printoptions(**print_options)
    ultralytics.utils.LOGGER.setLevel(logging.WARNING)
    changed = {key: value for key, value in SETTINGS.items() if ultralytics.utils.SETTINGS.get(key) != value}
    if changed:
        ultralytics.utils.SETTINGS.update(changed)


def trust_every_class() -> None:
    """Let Ultralytics load any class and run any code in the .pt files of this process, which the user trusts."""
    os.environ[SAFE_LOAD] = "0"
    for name in ("ultralytics.utils", "ultralytics.nn.tasks"):  # the second copies it from the first at import
        if name in sys.modules:
            sys.modules[name].SAFE_LOAD = False  # type: ignore[attr-defined]


def _settings_folder() -> Path:
    """Return the folder for Ultralytics' settings: in the user's cache, or a temporary one if that is read-only."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "bonescan_yolo"
    try:
        (folder / "Ultralytics").mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="bonescan_yolo-"))
        (folder / "Ultralytics").mkdir()
    settings = folder / "Ultralytics" / "settings.json"
    if not settings.exists():  # Ultralytics adds what is missing
        settings.write_text(json.dumps(SETTINGS))
    return folder


def _provide_font(folder: Path) -> None:
    """Put a font into the folder in which Ultralytics looks for one."""
    font = folder / FONT_NAME
    specification = importlib.util.find_spec("matplotlib")
    if font.exists() or specification is None or specification.origin is None:
        return
    shipped = Path(specification.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
    if shipped.exists():
        shutil.copyfile(shipped, font)


def _fix_torchvision() -> None:
    """Make `import torchvision` work beside a torch it was not built for.

    The torchvision wheel on PyPI for Linux is a CUDA build. Its C++ operators cannot be loaded with a CPU build of
    torch, and the import fails while registering them. Ultralytics needs only one operator, non-maximum suppression,
    and has its own in Python. A torchvision whose operators can be loaded is not changed.
    """
    from torch import library

    try:
        import torchvision
    except RuntimeError:
        definitions = library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
        definitions.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")  # type: ignore[no-untyped-call]
        definitions.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")  # type: ignore[no-untyped-call]
        import torchvision
        from ultralytics.utils.nms import TorchNMS

        torchvision.ops.nms = TorchNMS.nms
        torchvision.ops.operator_definitions = definitions  # they are removed with this object
