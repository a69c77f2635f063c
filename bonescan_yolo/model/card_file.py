"""The card inside an ONNX file: written at export, changed afterwards.

`bonescan_yolo.model.card` says what a card holds; the detector reads it from the session of the loaded file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bonescan_yolo.errors import ModelError
from bonescan_yolo.files import write_bytes
from bonescan_yolo.model.app_layout import CONFIDENCE
from bonescan_yolo.model.card import APP, METADATA_KEY, NOTICE, ModelCard, read_model_card
from bonescan_yolo.model.operating_points import OperatingPoints
from bonescan_yolo.model.thresholds import Thresholds

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
    require_onnx(path)
    model, card = _load(path)
    _save(path, model, replace(card, temperature=temperature))


def require_storable(path: Path) -> None:
    """Check that operating points can be stored in a file, before time is spent on choosing them.

    Raises:
        ModelError: it is not an ONNX file.
    """
    if path.suffix.lower() != ONNX_SUFFIX:
        raise ModelError(
            f"{path}: cannot be changed; leave --store out, write the points with --out, and export it with "
            "--operating-points"
        )


def store_operating_points(path: Path, points: OperatingPoints) -> None:
    """Write operating points into an ONNX file; the file is replaced whole or not at all.

    Args:
        path: an ONNX file of this project.
        points: the balanced one becomes the default thresholds, in the network of a self-contained file too.

    Raises:
        ModelError: the file is not a model of this project, or its network has no thresholds that can be set.
        OutputError: it cannot be written.
    """
    require_storable(path)
    model, card = _load(path)
    if card.layout == APP:
        _set_confidence(model, points.balanced, path)
    _save(path, model, card.with_operating_points(points))


def _load(path: Path) -> tuple[onnx.ModelProto, ModelCard]:
    """Return the model in an ONNX file, and its card.

    Raises:
        ModelError: the file is not a model of this project.
    """
    import onnx

    model = onnx.load(path)
    return model, read_model_card({entry.key: entry.value for entry in model.metadata_props}, str(path))


def _save(path: Path, model: onnx.ModelProto, card: ModelCard) -> None:
    """Replace an ONNX file by its model with another card.

    Raises:
        OutputError: it cannot be written.
    """
    entries = {entry.key: entry for entry in model.metadata_props}
    entries[METADATA_KEY].value = card.to_json()
    write_bytes(path, model.SerializeToString())


def _set_confidence(model: onnx.ModelProto, thresholds: Thresholds, path: Path) -> None:
    """Replace the default thresholds in the network of a self-contained file, which runtimes without a card use.

    Raises:
        ModelError: it has no such initializer.
    """
    from onnx import TensorProto, numpy_helper

    values = np.array(thresholds.by_class, np.float32)
    for tensor in model.graph.initializer:
        if tensor.name == CONFIDENCE and tensor.data_type == TensorProto.FLOAT and tuple(tensor.dims) == values.shape:
            tensor.CopyFrom(numpy_helper.from_array(values, CONFIDENCE))
            return
    raise ModelError(f"{path}: has no thresholds that can be set; export it again")
