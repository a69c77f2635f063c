"""A detector that reads with the .pt file itself, before it is exported. Brings torch."""

from __future__ import annotations

from pathlib import Path

from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.model.torch_network import TorchLayout, load_network
from bonescan_yolo.third_party.ultralytics_setup import prepare_ultralytics


class TorchDetector(Detector):
    """Reads scans as the ONNX file does, but for the network."""

    def __init__(self, weights: Path, confidence: float, card: ModelCard) -> None:  # the parent's opens an ONNX file
        """Load weights, to be read as their description says, or another one.

        Raises:
            BonescanError: the file is missing or holds no weights of this project.
        """
        prepare_ultralytics()
        self.path = weights
        self.card: ModelCard = card
        self.layout = TorchLayout(load_network(weights), self.card)
        self.confidence = confidence
        self.iou = self.card.iou
