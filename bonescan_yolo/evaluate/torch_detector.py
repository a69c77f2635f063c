"""A detector that reads with the .pt file itself, before it is exported. Brings torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.detector import Detector
from bonescan_yolo.model_card import ModelCard
from bonescan_yolo.scan.display import body_level, to_tones
from bonescan_yolo.torch_weights import load_network
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
        self._network = load_network(weights)
        self.card: ModelCard = read_card(weights)
        self.confidence = confidence
        self.iou = self.card.iou

    def run(self, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the network's raw output for a frame of its input size, as `Detector.run` does."""
        import torch

        with torch.inference_mode():
            tones = torch.from_numpy(to_tones(frame, body_level(frame)))
            raw: NDArray[np.float32] = self._network(tones[None, None])[0][0].numpy()
        return raw
