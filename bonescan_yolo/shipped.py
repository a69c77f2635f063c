"""What ships with the package: the model that is read by default, and the YAML files with every setting.

An installed wheel holds them inside the package, as `bonescan_yolo/weights` and `bonescan_yolo/configs`. In a checkout
they are the folders of the same names beside it.
"""

from __future__ import annotations

from pathlib import Path

from bonescan_yolo.errors import BonescanError

PACKAGE = Path(__file__).parent
MODEL_NAME = "bonescan-app.onnx"


def shipped_model() -> Path:
    """Return the path of the model that is read where no other is named.

    Raises:
        BonescanError: it is missing.
    """
    return _find(
        Path("weights") / MODEL_NAME,
        "install the package again, or give --model, such as weights/finetuned-app.onnx of `make export` "
        "or runs/demo/bonescan-app.onnx of `make demo`",
    )


def shipped_config(name: str) -> Path:
    """Return the path of a YAML file of `configs/`, such as `train.yaml`.

    Raises:
        BonescanError: it is missing.
    """
    return _find(Path("configs") / name, "install the package again")


def _find(path: Path, remedy: str) -> Path:
    """Return a file inside the package, else beside it."""
    for folder in (PACKAGE, PACKAGE.parent):
        if (folder / path).is_file():
            return folder / path
    raise BonescanError(f"{path}: is missing; it comes with the package. {remedy[0].upper()}{remedy[1:]}")
