"""The stock file: the network as Ultralytics exports it, with plain grey levels as input."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bonescan_yolo.export.nodes.display_nodes import prepend_tones
from bonescan_yolo.model.card import INPUT_HEIGHT, INPUT_WIDTH, ModelCard
from bonescan_yolo.model.card_file import write_card

if TYPE_CHECKING:
    import onnx

OPSET = 12
"""Old enough for every onnxruntime since 1.3 (2020) and for OpenCV; YOLOv8 needs nothing newer."""

VOLATILE_METADATA = ("date", "args", "description", "docs")
"""Metadata keys of Ultralytics with times or paths of the export, which would make repeated exports differ."""


def export_stock(weights: Path) -> onnx.ModelProto:
    """Return the raw model that Ultralytics exports; its input is tones.

    Args:
        weights: a .pt file; `prepare_ultralytics` must have been called.
    """
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
    """Return the model with plain grey levels as input, with its card and with what Ultralytics needs to load it.

    Args:
        stock: of `export_stock`; not changed.
        card: with the layout STOCK.
    """
    import onnx

    model = onnx.ModelProto()
    model.CopyFrom(stock)
    prepend_tones(model)
    write_card(
        model, card, {entry.key: entry.value for entry in stock.metadata_props if entry.key not in VOLATILE_METADATA}
    )
    onnx.checker.check_model(model, full_check=True)
    return model
