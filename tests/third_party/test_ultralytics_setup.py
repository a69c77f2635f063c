"""Ultralytics stays offline, quiet, and away from the user's settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CODE = """
from bonescan_yolo.third_party.ultralytics_setup import prepare_ultralytics
prepare_ultralytics()
import json, onnxruntime, torch, torchvision, ultralytics.utils, ultralytics.utils.checks as checks
from ultralytics.utils.events import events
boxes = torch.tensor([[0., 0, 10, 10], [1, 1, 11, 11], [50, 50, 60, 60]])
print(json.dumps({
    "sync": ultralytics.utils.SETTINGS["sync"], "online": ultralytics.utils.ONLINE, "events": events.enabled,
    "font": str(checks.check_font()), "nms": torchvision.ops.nms(boxes, torch.tensor([.9, .8, .7]), 0.5).tolist(),
    "autoinstall": ultralytics.utils.AUTOINSTALL}))
"""


def test_offline_quiet_and_apart_from_the_users_settings(tmp_path: Path) -> None:
    theirs = tmp_path / ".config" / "Ultralytics" / "settings.json"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("{}")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("YOLO_", "XDG_", "ORT_"))}
    environment["HOME"] = str(tmp_path)
    for _ in range(2):  # the first run makes the settings, the second finds them
        done = subprocess.run(
            [sys.executable, "-c", CODE], capture_output=True, text=True, check=True, env=environment, cwd=tmp_path
        )
        state = json.loads(done.stdout)
        assert done.stderr == ""
        font = Path(state.pop("font"))
        assert state == {"sync": False, "online": False, "events": False, "nms": [0, 2], "autoinstall": False}
        assert font.is_relative_to(tmp_path / ".cache" / "bonescan_yolo")
    assert {path.name for path in (tmp_path / ".cache").iterdir()} <= {"bonescan_yolo", "matplotlib"}
    assert theirs.read_text() == "{}"
    assert [path.name for path in theirs.parent.iterdir()] == ["settings.json"]


def test_pillow_and_printed_arrays_stay_as_they_were() -> None:
    script = (
        "import numpy as np; from PIL import Image, UnidentifiedImageError\n"
        "opens, printed = Image.open, np.get_printoptions()\n"
        "from bonescan_yolo.third_party.ultralytics_setup import prepare_ultralytics; prepare_ultralytics()\n"
        "assert Image.open is opens\n"
        "import ultralytics\n"
        "assert np.get_printoptions() == printed, np.get_printoptions()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
