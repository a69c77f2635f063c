"""What an exported file says about itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bonescan_yolo.model.card import METADATA_KEY, NOTICE, ModelCard

if TYPE_CHECKING:
    import onnx


def describe(model: onnx.ModelProto, card: ModelCard, others: Mapping[str, str]) -> None:
    """Write a model's metadata: the card, and other entries that readers of its layout want; earlier ones go."""
    import onnx

    entries = {
        **others,
        METADATA_KEY: card.to_json(),
        "description": f"bonescan_yolo: hot spots on whole-body bone scans. {NOTICE}",
        "license": card.licence,
    }
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, dict(sorted(entries.items())))
