"""Reading a whole set with a network in memory, and keeping what was found.

The network computes in float32 on several scans at a time. On ten scans its boxes are those of `TorchDetector` to the
last bit, and those of the exported stock file to 0.0003 in confidence and 0.006 pixels. A scan takes 75 to 90 ms of
one core's time.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.adapting.scan_sets import ScanSet
from bonescan_yolo.evaluate.matching.evaluated_scan import ScanResult
from bonescan_yolo.evaluate.read_split import LOWEST_CONFIDENCE
from bonescan_yolo.files import write_bytes
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.runtime import Detections, RawLayout, Shown
from bonescan_yolo.model.thresholds import Thresholds
from bonescan_yolo.scan.display import body_level, to_tones

SCANS_AT_ONCE: Final = 4
"""75 ms of processor time per scan, 93 ms with one at a time, 77 ms with eight."""


class ReadAhead(RawLayout):
    """The steps around a network whose output for the next scan is known already."""

    def __init__(self, card: ModelCard) -> None:
        """Take the card of the network; boxes are read down to LOWEST_CONFIDENCE."""
        super().__init__(card, Shown(Thresholds.both(LOWEST_CONFIDENCE), card.iou, card.rescoring), "network")
        self.output: NDArray[np.float32] = np.zeros((0, 0), np.float32)

    def run(self, frame: NDArray[np.uint8]) -> NDArray[np.float32]:  # noqa: ARG002 the parent's signature
        """See RawLayout."""
        return self.output


def read_set(network: Any, scans: ScanSet, card: ModelCard) -> list[Detections]:
    """Return the boxes that a network finds on each scan, down to LOWEST_CONFIDENCE.

    Args:
        network: as of `torch_network.load_network`, in float32.
        scans: of the size of the network's input.
        card: overlap and rescoring.
    """
    layout = ReadAhead(card)
    found = []
    for grey, output in zip(scans.pixels, _outputs(network, scans.pixels), strict=True):
        layout.output = output
        found.append(layout.find(grey))
    return found


def _outputs(network: Any, pixels: NDArray[np.uint8]) -> Iterator[NDArray[np.float32]]:
    """Yield the network's raw output for each scan."""
    import torch

    network.eval()
    for start in range(0, len(pixels), SCANS_AT_ONCE):
        tones = np.stack([to_tones(grey, body_level(grey)) for grey in pixels[start : start + SCANS_AT_ONCE]])
        with torch.inference_mode():
            yield from network(torch.from_numpy(tones)[:, None])[0].numpy()


def beside_truth(scans: ScanSet, found: Sequence[Detections]) -> list[ScanResult]:
    """Return what was found on each scan beside its true boxes."""
    height, width = scans.pixels.shape[1:]
    return [
        ScanResult(
            width=width,
            height=height,
            true_boxes=boxes,
            true_classes=classes,
            boxes=each.boxes,
            confidences=each.confidences,
            classes=each.classes,
        )
        for boxes, classes, each in zip(scans.boxes, scans.classes, found, strict=True)
    ]


def save_found(path: Path, found: Sequence[Detections]) -> None:
    """Write what was found on a set as one file, whole or not at all."""
    content = io.BytesIO()
    np.savez_compressed(
        content,
        numbers=np.array([len(each.boxes) for each in found], np.int64),
        boxes=np.concatenate([each.boxes for each in found]).astype(np.float32),
        confidences=np.concatenate([each.confidences for each in found]).astype(np.float32),
        classes=np.concatenate([each.classes for each in found]).astype(np.int64),
        tops=np.array([each.scan_abnormal_confidence for each in found]),
    )
    write_bytes(path, content.getvalue())


def load_found(path: Path) -> list[Detections]:
    """Return what `save_found` wrote."""
    with np.load(path, allow_pickle=False) as content:
        ends = np.cumsum(content["numbers"])[:-1]
        boxes, confidences, classes = (np.split(content[name], ends) for name in ("boxes", "confidences", "classes"))
        tops = [float(top) for top in content["tops"]]
    return [Detections(*each) for each in zip(boxes, confidences, classes, tops, strict=True)]
