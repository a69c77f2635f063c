"""A detector that reads with the .pt file itself, before it is exported. Brings torch."""

from __future__ import annotations

from pathlib import Path

from bonescan_yolo.detector import Detector
from bonescan_yolo.model_card import ModelCard
from bonescan_yolo.torch_weights import TorchLayout, load_network
from bonescan_yolo.train.record import read_card
from bonescan_yolo.ultralytics_setup import prepare_ultralytics


class TorchDetector(Detector):
    """Reads scans as the ONNX file does, but for the network."""

    def __init__(self, weights: Path, confidence: float) -> None:  # the parent's own opens an ONNX file
        """Load weights; their thresholds are those the file names, or the package's own.

        Raises:
            BonescanError: the file is missing or holds no weights of this project.
        """
        prepare_ultralytics()
        self.path = weights
        self.card: ModelCard = read_card(weights)
        self.layout = TorchLayout(load_network(weights), self.card)
        self.confidence = confidence
        self.iou = self.card.iou
