"""The card of a model file: what a reader has to know to use it.

The card is one JSON text in the metadata of the ONNX file, beside the keys that Ultralytics writes. The module
`card_file` writes it there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.errors import ModelError
from bonescan_yolo.model.operating_points import SENSITIVE, SPECIFIC, OperatingPoints
from bonescan_yolo.model.rescoring import Rescoring
from bonescan_yolo.model.thresholds import Thresholds
from bonescan_yolo.version import __version__

METADATA_KEY = "bonescan_yolo"
SCHEMA = 5
"""Version of the fields below. A reader refuses a higher one, since it cannot know what changed. Version 2 added
`layout` (a card of version 1 belongs to a stock file), version 3 `context_weight` and `context_lone` (before, boxes
were not rescored), version 4 `normal_confidence` (before, the classes shared a threshold), version 5 `sensitive` and
`specific`, the operating points; in self-contained files the thresholds are initializers since then, no inputs."""

SHARED_SCHEMA, CLASS_SCHEMA = 3, 4
"""Versions that the card of a stock file without operating points is written with, if the classes share a threshold or
have one each: older readers can use such a file."""

STOCK, APP = "stock", "app"
"""Layouts. Stock: as Ultralytics writes it; input is a frame of fixed size, output raw scores and boxes. App:
self-contained; input is a scan of any size, output its boxes."""

NOTICE = "Research software, not a medical device."
LICENCE = "AGPL-3.0-or-later"
SCALINGS = {STOCK: "display grey level / 255", APP: "display grey level"}
"""How display grey levels become the input of a file of each layout."""

INPUT_HEIGHT = 1024
INPUT_WIDTH = 256
"""Pixels. The scans of BS-80K have this size, so that none of them is resampled."""

MOST_SIDE = 8192
"""Pixels of the network's input, in height and width."""

MOST_CHARS = 100_000
"""Of a card's text, which has about 500."""

DEFAULT_CONFIDENCE = 0.25
DEFAULT_THRESHOLDS = Thresholds.both(DEFAULT_CONFIDENCE)
DEFAULT_IOU = 0.3
"""Limit of non-maximum suppression. Boxes of 10 px that are one pixel apart in both directions have an IoU of 0.68, and
two hot spots whose boxes overlap by a third are annotated as one. On real scans 0.3 gave slightly fewer false boxes
than 0.5."""


@dataclass(frozen=True)
class ModelCard:
    """What a model file says about itself.

    Attributes:
        trained_on: the data set in words, with its licence if it has one.
        class_names: by class id.
        input_height, input_width: pixels of the network's input.
        layout: STOCK or APP.
        confidence: default threshold, in [0, 1]; of abnormal boxes alone if there is a `normal_confidence`.
        iou: default limit of non-maximum suppression, in [0, 1].
        context_weight, context_lone: the two numbers of `bonescan_yolo.model.rescoring`: how much the other abnormal
            boxes of a scan count, 0 or more, and the factor on the odds of a box that is the only one, above 0. An app
            file rescores by itself; a reader of a stock file has to do it. The names are those of the JSON keys, which
            existing files have.
        normal_confidence: default threshold of normal boxes, in [0, 1]; None if it is `confidence`.
        sensitive, specific: thresholds of two operating points, both None if there are none; the third, balanced, has
            the default thresholds.
        temperature: above 0. A confidence whose logit is divided by it is the share of right boxes at that confidence.
            None if it was not fitted (`bonescan evaluate --store-temperature`). Confidences are shown undivided.
        version: of the package that exported the model.
        licence: SPDX identifier.
        notice: that the model is not a medical device.
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
    normal_confidence: float | None = None
    sensitive: Thresholds | None = None
    specific: Thresholds | None = None
    temperature: float | None = None
    version: str = __version__
    licence: str = LICENCE
    notice: str = NOTICE

    @property
    def thresholds(self) -> Thresholds:
        """The default threshold of each class."""
        normal = self.confidence if self.normal_confidence is None else self.normal_confidence
        return Thresholds(self.confidence, normal)

    def with_thresholds(self, thresholds: Thresholds) -> ModelCard:
        """Return the card with other default thresholds, and without operating points, which belong to the old ones."""
        normal = None if thresholds.are_equal else thresholds.normal
        return replace(self, confidence=thresholds.abnormal, normal_confidence=normal, sensitive=None, specific=None)

    @property
    def operating_points(self) -> OperatingPoints | None:
        """The operating points; None if the card has none."""
        if self.sensitive is None or self.specific is None:
            return None
        return OperatingPoints(self.sensitive, self.thresholds, self.specific)

    def with_operating_points(self, points: OperatingPoints) -> ModelCard:
        """Return the card with other operating points, the balanced one of which becomes its default thresholds."""
        card = self.with_thresholds(points.balanced)
        return replace(card, sensitive=points.sensitive, specific=points.specific)

    def with_shown(self, shown: Thresholds | OperatingPoints) -> ModelCard:
        """Return the card with other default thresholds, or with other operating points."""
        return self.with_operating_points(shown) if isinstance(shown, OperatingPoints) else self.with_thresholds(shown)

    @property
    def rescoring(self) -> Rescoring:
        """How much the other abnormal boxes of a scan count."""
        return Rescoring(self.context_weight, self.context_lone)

    @property
    def scaling(self) -> str:
        """How display grey levels become the file's input."""
        return SCALINGS[self.layout]

    def to_json(self) -> str:
        """Return the text that goes into the model's metadata under METADATA_KEY."""
        known = {key: value for key, value in asdict(self).items() if value is not None}
        return json.dumps({"schema": self._schema, "scaling": self.scaling, **known}, sort_keys=True)

    @property
    def _schema(self) -> int:
        """The lowest version that has all its fields."""
        if self.layout == APP or self.operating_points is not None:
            return SCHEMA
        return SHARED_SCHEMA if self.normal_confidence is None else CLASS_SCHEMA


def _check_fields(card: ModelCard) -> None:
    """Raise a TypeError or ValueError if a field has a wrong type or is out of range."""
    texts = {name: getattr(card, name) for name in ("trained_on", "layout", "version", "licence", "notice")}
    for name, text in (*texts.items(), *(("class_names", name) for name in card.class_names)):
        if not isinstance(text, str):
            raise TypeError(f"`{name}` must be text")
    if not all(type(side) is int and 0 < side <= MOST_SIDE for side in (card.input_height, card.input_width)):
        raise ValueError(f"`input_height` and `input_width` must be whole numbers from 1 to {MOST_SIDE}")
    if not (card.thresholds.are_valid and 0 <= card.iou <= 1):
        raise ValueError("`confidence`, `normal_confidence` and `iou` must be from 0 to 1")
    points = card.operating_points
    if points is None and (card.sensitive, card.specific) != (None, None):
        raise ValueError("`sensitive` and `specific` need each other")
    if points is not None and not points.are_valid:
        raise ValueError("thresholds of operating points must be from 0 to 1 and must not fall")
    if not card.rescoring.is_valid:
        raise ValueError("`context_weight` must be 0 or more and `context_lone` above 0")
    if card.temperature is not None and not 0 < card.temperature < float("inf"):
        raise ValueError("`temperature` must be above 0")


def read_model_card(metadata: Mapping[str, str], name: str) -> ModelCard:
    """Return the card in a model's metadata.

    Args:
        metadata: keys and texts, as the file has them.
        name: the file, for messages.

    Raises:
        ModelError: there is no card, its schema is newer, or this version of the package cannot do what it asks for.

    Examples:
        >>> from bonescan_yolo.model.card import METADATA_KEY, ModelCard, read_model_card
        >>> metadata = {METADATA_KEY: ModelCard(trained_on="400 simulated scans").to_json()}
        >>> card = read_model_card(metadata, "mine.onnx")
        >>> card.trained_on, card.class_names, card.layout
        ('400 simulated scans', ('abnormal', 'normal'), 'stock')
    """
    text = metadata.get(METADATA_KEY)
    if text is None:
        raise ModelError(f"{name}: is not a model of bonescan_yolo; export one with `bonescan export weights.pt`")
    try:
        if len(text) > MOST_CHARS:
            raise ValueError("its text is too long")
        fields = json.loads(text)
        schema = int(fields.pop("schema"))
        if schema > SCHEMA:
            raise ModelError(
                f"{name}: has description schema {schema}, newer than {SCHEMA}, the last this version knows; "
                "update bonescan_yolo"
            )
        scaling = fields.pop("scaling")
        points = {key: Thresholds(**fields[key]) for key in (SENSITIVE, SPECIFIC) if fields.get(key) is not None}
        card = ModelCard(**{**fields, **points, "class_names": tuple(fields["class_names"])})
        _check_fields(card)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ModelError(f"{name}: its description is damaged; export the model again") from error
    if card.layout not in SCALINGS or scaling != card.scaling or card.class_names != CLASS_NAMES:
        raise ModelError(
            f"{name}: expects layout `{card.layout[:30]}`, classes {str(list(card.class_names))[:80]} and scaling "
            f"`{str(scaling)[:30]}`, which this version does not do; export the model again"
        )
    if card.layout == APP and schema < SCHEMA:
        raise ModelError(f"{name}: is a self-contained file of an earlier version; export it again")
    return card
