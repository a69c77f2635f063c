"""The card inside an ONNX file: written at export, changed afterwards.

`bonescan_yolo.model.card` says what a card holds; the detector reads it from the session of the loaded file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bonescan_yolo.errors import ModelError
from bonescan_yolo.files import write_bytes
from bonescan_yolo.model.card import METADATA_KEY, NOTICE, ModelCard, read_model_card

if TYPE_CHECKING:
    import onnx

ONNX_SUFFIX = ".onnx"


def write_card(model: onnx.ModelProto, card: ModelCard, others: Mapping[str, str]) -> None:
    """Write a card into a model that is in memory; the metadata it had is replaced.

    Args:
        model: changed in place.
        card: written as JSON under METADATA_KEY.
        others: further entries that readers of the model's layout expect, such as Ultralytics' own.
    """
    import onnx

    entries = {
        **others,
        METADATA_KEY: card.to_json(),
        "description": f"bonescan_yolo: hot spots on whole-body bone scans. {NOTICE}",
        "license": card.licence,
    }
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, dict(sorted(entries.items())))


def require_onnx(path: Path) -> None:
    """Check that a file can hold a card with a temperature, before time is spent on measuring.

    Raises:
        ModelError: it is not an ONNX file.
    """
    if path.suffix.lower() != ONNX_SUFFIX:
        raise ModelError(f"{path}: cannot hold a temperature; export it and give the ONNX file as --model")


def store_temperature(path: Path, temperature: float) -> None:
    """Write a fitted temperature into the card of an ONNX file; the file is replaced whole or not at all.

    Args:
        path: an ONNX file of this project.
        temperature: above 0, without unit; see `ModelCard.temperature`.

    Raises:
        ModelError: the file is not a model of this project.
        OutputError: it cannot be written.
    """
    import onnx

    require_onnx(path)
    model = onnx.load(path)
    entries = {entry.key: entry for entry in model.metadata_props}
    card = read_model_card({key: entry.value for key, entry in entries.items()}, str(path))
    entries[METADATA_KEY].value = replace(card, temperature=temperature).to_json()
    write_bytes(path, model.SerializeToString())
