"""What a model file says about itself, so that no reader has to guess.

The description travels as one JSON text in the metadata of the ONNX file, beside the keys that Ultralytics writes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.model.rescoring import Context
from bonescan_yolo.version import __version__

METADATA_KEY = "bonescan_yolo"
SCHEMA = 3
"""Number of the fields below. A reader refuses a higher one: it cannot know what changed. 2 brought `layout`; a
description of 1 has none and is of a stock file. 3 brought `context_weight` and `context_lone`; before, boxes were not
scored in the light of each other."""

STOCK, APP = "stock", "app"
"""Layouts. Stock: as Ultralytics has it, raw scores and boxes out of a frame of fixed size. App: self-contained, boxes
out of a scan of any size."""

NOTICE = "Research software, not a medical device."
LICENCE = "AGPL-3.0-or-later"
SCALINGS = {STOCK: "display grey level / 255", APP: "display grey level"}
"""How display grey levels become the input of a file of each layout."""

INPUT_HEIGHT = 1024
INPUT_WIDTH = 256
"""Pixels; the size of the scans of BS-80K, so that none of them is resampled."""

DEFAULT_CONFIDENCE = 0.25
DEFAULT_IOU = 0.3
"""Non-maximum suppression: boxes of 10 px that lie one pixel apart both ways have an IoU of 0.68, and two hot spots
whose boxes overlap by a third are drawn as one. On real scans 0.3 gave a little fewer false boxes than 0.5."""


@dataclass(frozen=True)
class ModelCard:
    """Description of a model.

    Attributes:
        trained_on: the data set in words, with its licence where it has one.
        class_names: by class id.
        input_height, input_width: pixels of the network's input.
        layout: STOCK or APP.
        confidence: default threshold, in [0, 1].
        iou: default limit of non-maximum suppression, in [0, 1].
        context_weight, context_lone: the two numbers of the rescoring (`bonescan_yolo.model.rescoring`): how much the
            other abnormal boxes of a scan count, 0 or more, and the factor on the odds of a box without others, above
            0. A self-contained file rescores by itself; a reader of a stock file has to do it.
        temperature: above 0; a confidence's logit divided by it tells the share of right boxes. None where none was
            fitted (`python -m bonescan_yolo.evaluate --store-temperature`). Confidences are shown as they are.
        version: of the package that exported the model.
        licence: SPDX identifier.
        notice: what the model is not.
    """

    trained_on: str
    class_names: tuple[str, ...] = CLASS_NAMES
    input_height: int = INPUT_HEIGHT
    input_width: int = INPUT_WIDTH
    layout: str = STOCK
    confidence: float = DEFAULT_CONFIDENCE
    iou: float = DEFAULT_IOU
    context_weight: float = 0.0
    context_lone: float = 1.0
    temperature: float | None = None
    version: str = __version__
    licence: str = LICENCE
    notice: str = NOTICE

    @property
    def context(self) -> Context:
        """How much the other abnormal boxes of a scan count."""
        return Context(self.context_weight, self.context_lone)

    @property
    def scaling(self) -> str:
        """How display grey levels become the file's input."""
        return SCALINGS[self.layout]

    def to_json(self) -> str:
        """Return the text that goes into the model's metadata under METADATA_KEY."""
        known = {key: value for key, value in asdict(self).items() if value is not None}
        return json.dumps({"schema": SCHEMA, "scaling": self.scaling, **known}, sort_keys=True)


def _check_types(card: ModelCard) -> None:
    """Raise a TypeError or ValueError where a field cannot be what it stands for."""
    if not all(isinstance(text, str) for text in (card.trained_on, card.layout, *card.class_names)):
        raise TypeError("a text is none")
    if not all(isinstance(side, int) and side > 0 for side in (card.input_height, card.input_width)):
        raise ValueError("a side is no number of pixels")
    if not all(0 <= fraction <= 1 for fraction in (card.confidence, card.iou)):
        raise ValueError("a threshold is no fraction")
    if not card.context.is_possible:
        raise ValueError("the context is none")
    if card.temperature is not None and not 0 < card.temperature < float("inf"):
        raise ValueError("the temperature is none")


def read_model_card(metadata: Mapping[str, str], name: str) -> ModelCard:
    """Return the description in a model's metadata; `name` is the file, for messages.

    Raises:
        BonescanError: there is none, it is of a newer schema, or it contradicts this version of the package.
    """
    text = metadata.get(METADATA_KEY)
    if text is None:
        raise BonescanError(
            f"{name}: is not a model of bonescan_yolo; export one with `python -m bonescan_yolo.export weights.pt`"
        )
    try:
        fields = json.loads(text)
        schema = int(fields.pop("schema"))
        if schema > SCHEMA:
            raise BonescanError(
                f"{name}: has description schema {schema}, newer than {SCHEMA}, the last this version knows; "
                "update bonescan_yolo"
            )
        scaling = fields.pop("scaling")
        card = ModelCard(**{**fields, "class_names": tuple(fields["class_names"])})
        _check_types(card)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BonescanError(f"{name}: its description is damaged; export the model again") from error
    if card.layout not in SCALINGS or scaling != card.scaling or card.class_names != CLASS_NAMES:
        raise BonescanError(
            f"{name}: expects layout `{card.layout}`, classes {list(card.class_names)} and scaling `{scaling}`, "
            "which this version does not do; export the model again"
        )
    return card
