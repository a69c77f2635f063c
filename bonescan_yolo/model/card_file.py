"""The card inside an ONNX file: written at export, changed afterwards.

`bonescan_yolo.model.card` says what a card holds; the detector reads it from the session of the loaded file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bonescan_yolo.errors import ModelError
from bonescan_yolo.files import write_bytes
from bonescan_yolo.model.card import APP, METADATA_KEY, NOTICE, ModelCard, read_model_card
from bonescan_yolo.model.operating_points import OperatingPoints

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
    _change_card(path, lambda card: replace(card, temperature=temperature))


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
    """Write operating points into the card of an ONNX file; the file is replaced whole or not at all.

    Args:
        path: an ONNX file of this project.
        points: the balanced one becomes the default thresholds.

    Raises:
        ModelError: the file is not a model of this project, or its network has other default thresholds built in.
        OutputError: it cannot be written.
    """

    def changed(card: ModelCard) -> ModelCard:
        if card.layout == APP and card.thresholds != points.balanced:
            raise ModelError(
                f"{path}: has other default thresholds in its network; write the points with --out, and export it "
                "again with --operating-points"
            )
        return card.with_operating_points(points)

    require_storable(path)
    _change_card(path, changed)


def _change_card(path: Path, change: Callable[[ModelCard], ModelCard]) -> None:
    """Replace an ONNX file by one with a changed card."""
    import onnx

    model = onnx.load(path)
    entries = {entry.key: entry for entry in model.metadata_props}
    card = read_model_card({key: entry.value for key, entry in entries.items()}, str(path))
    entries[METADATA_KEY].value = change(card).to_json()
    write_bytes(path, model.SerializeToString())
