"""The stock file: the network as Ultralytics exports it, taking plain grey levels."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.export.description import describe
from bonescan_yolo.export.tones import prepend_tones
from bonescan_yolo.model_card import INPUT_HEIGHT, INPUT_WIDTH, ModelCard

if TYPE_CHECKING:
    import onnx

OPSET = 12
"""Old enough for every onnxruntime since 1.3 (2020) and for OpenCV; YOLOv8 needs nothing newer."""

VOLATILE_METADATA = ("date", "args", "description", "docs")
"""Keys of Ultralytics that name the time or paths of the export, so that repeated exports would differ."""


def load_weights(weights: Path) -> Any:
    """Return the network of a .pt file, in float32 for inference; Ultralytics must be prepared.

    Raises:
        BonescanError: there is none, or it has other classes or channels.
    """
    if not weights.is_file():
        raise BonescanError(f"{weights}: does not exist; train first (`make train`) or give a .pt file")
    from ultralytics import YOLO

    try:
        model = YOLO(str(weights), task="detect").model.float().eval()
        names, channels = list(model.names.values()), int(model.yaml.get("channels", model.yaml.get("ch", 3)))
    except Exception as error:  # pickle, zipfile, torch and Ultralytics each raise their own
        raise BonescanError(f"{weights}: is not a YOLO .pt file that can be loaded; train it again") from error
    if names != list(CLASS_NAMES) or channels != 1:
        raise BonescanError(
            f"{weights}: has classes {names} and {channels} channels, not {list(CLASS_NAMES)} and 1; "
            "fine-tune it with `python -m bonescan_yolo.train --weights`"
        )
    return model


def export_stock(weights: Path) -> onnx.ModelProto:
    """Return the model that Ultralytics exports, which takes tones; Ultralytics must be prepared."""
    import onnx
    from ultralytics import YOLO

    with tempfile.TemporaryDirectory() as folder:  # it writes beside its input
        copy = Path(folder) / weights.name
        shutil.copyfile(weights, copy)
        path = YOLO(str(copy), task="detect").export(
            format="onnx", imgsz=(INPUT_HEIGHT, INPUT_WIDTH), opset=OPSET, simplify=True, device="cpu", verbose=False
        )
        return onnx.load(path)


def complete(stock: onnx.ModelProto, card: ModelCard) -> onnx.ModelProto:
    """Return the model that takes plain grey levels and describes itself, beside what Ultralytics needs to load it.

    Args:
        stock: of `export_stock`; is left as it is.
        card: of the layout STOCK.
    """
    import onnx

    model = onnx.ModelProto()
    model.CopyFrom(stock)
    prepend_tones(model)
    describe(
        model, card, {entry.key: entry.value for entry in stock.metadata_props if entry.key not in VOLATILE_METADATA}
    )
    onnx.checker.check_model(model, full_check=True)
    return model
