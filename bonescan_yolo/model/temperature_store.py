"""Writing a fitted temperature into the description that an ONNX file carries."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.files import write_bytes
from bonescan_yolo.model.card import METADATA_KEY, read_model_card

ONNX_SUFFIX = ".onnx"


def require_onnx(path: Path) -> None:
    """Make sure that a file can carry a temperature.

    Raises:
        BonescanError: it is no ONNX file.
    """
    if path.suffix.lower() != ONNX_SUFFIX:
        raise BonescanError(f"{path}: cannot carry a temperature; export it and give the ONNX file as --model")


def store_temperature(path: Path, temperature: float) -> None:
    """Write a temperature into an ONNX file's description; the file is replaced whole or not at all.

    Raises:
        BonescanError: the file is no model of this project, or cannot be written.
    """
    import onnx

    require_onnx(path)
    model = onnx.load(path)
    entries = {entry.key: entry for entry in model.metadata_props}
    card = read_model_card({key: entry.value for key, entry in entries.items()}, str(path))
    entries[METADATA_KEY].value = replace(card, temperature=temperature).to_json()
    write_bytes(path, model.SerializeToString())
