"""Write the ONNX file of trained weights: `python -m bonescan_yolo.export runs/train/weights/best.pt`."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo import cli
from bonescan_yolo.boxes import from_centres
from bonescan_yolo.dataset_yaml import read_dataset
from bonescan_yolo.detector import Detector
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.files import write_bytes
from bonescan_yolo.fitting import fit
from bonescan_yolo.half_weights import store_half
from bonescan_yolo.model_card import DEFAULT_CONFIDENCE, INPUT_HEIGHT, INPUT_WIDTH, METADATA_KEY, NOTICE, ModelCard
from bonescan_yolo.scan.display import body_level, to_tones
from bonescan_yolo.scan.read import read_scans
from bonescan_yolo.tone_graph import prepend_tones
from bonescan_yolo.torch_weights import load_network
from bonescan_yolo.train.record import read_data_path, read_trained_on
from bonescan_yolo.ultralytics_setup import prepare_ultralytics

DEFAULT_OUT = Path("weights") / "finetuned.onnx"
"""Beside the project's own model, which it must not replace."""

OPSET = 12
"""Old enough for every onnxruntime since 1.3 (2020) and for OpenCV; YOLOv8 needs nothing newer."""

CHECKED_SCANS = 32
COMPARED_ANCHORS = 100
"""Best anchors of each scan whose boxes are compared; those of anchors that see nothing are arbitrary."""


@dataclass(frozen=True)
class Tolerance:
    """How far an ONNX file may be from its weights: edges of boxes in pixels of the input, scores in [0, 1]."""

    box_px: float
    score: float


ROUNDING_TOLERANCE = Tolerance(box_px=0.1, score=0.001)
"""What rounding in another order of operations may do; more means that the file is not the same network."""

HALF_TOLERANCE = Tolerance(box_px=0.25, score=0.01)
"""What storing the weights in 16 bit may do. A weight is rounded by up to 1 in 2,048: the .pt holds 16-bit weights, but
export multiplies those of convolution and normalisation, and the products are no 16-bit numbers. A yolov8n trained for
minutes on simulated scans differed by 0.004 px and 0.0003; boxes of bone scans are good to about a pixel."""

HALF_COMPARED_SCORE = 0.05
"""Boxes below it are not compared after rounding: nobody sees them, and those of anchors that see nothing are nearly a
matter of chance (0.4 px where boxes above it differed by 0.004 px)."""

VOLATILE_METADATA = ("date", "args", "description", "docs")
"""Keys of Ultralytics that name the time or paths of the export, so that repeated exports would differ."""


@dataclass(frozen=True)
class Agreement:
    """How far an ONNX file is from its weights, at most, over all scans compared."""

    scans: int
    box_px: float
    score: float

    def is_within(self, tolerance: Tolerance) -> bool:
        """Whether the differences are no more than allowed."""
        return self.box_px <= tolerance.box_px and self.score <= tolerance.score

    def __str__(self) -> str:
        """Return the figures for a user."""
        return f"{self.scans} scans: boxes within {self.box_px:.4f} px, scores within {self.score:.6f}"


def export(
    weights: Path,
    out: Path,
    data: Path,
    trained_on: str,
    *,
    confidence: float = DEFAULT_CONFIDENCE,
    half: bool = False,
) -> Agreement:
    """Write `weights` as an ONNX file that Ultralytics and this project both load, if it agrees with them.

    Args:
        weights: a .pt file of one channel and the project's classes.
        out: the ONNX file to write.
        data: dataset.yaml; up to 32 scans of its validation split are compared.
        trained_on: what the weights were trained on, for the file's description.
        confidence: threshold in [0, 1] that the file names as its own.
        half: store the file's weights in 16 bit; it still computes in float32. What is written then agrees within
            HALF_TOLERANCE, and the network before its weights were rounded within ROUNDING_TOLERANCE.

    Raises:
        BonescanError: the weights cannot be used, the threshold is none, or the file differs from the weights.
    """
    card = _card(trained_on, confidence)
    frames = _validation_frames(data)
    prepare_ultralytics()
    model = load_network(weights)
    with tempfile.TemporaryDirectory() as folder:
        candidate = _export_stock(weights, Path(folder))
        _complete(candidate, card)
        agreement = _compare(model, Detector(candidate), frames)
        _require(agreement, ROUNDING_TOLERANCE, weights, out)
        if half:
            store_half(candidate)
            agreement = _compare(model, Detector(candidate), frames, HALF_COMPARED_SCORE)
            _require(agreement, HALF_TOLERANCE, weights, out)
        write_bytes(out, candidate.read_bytes())
    return agreement


def _card(trained_on: str, confidence: float) -> ModelCard:
    """Return the file's description of itself."""
    if not 0 <= confidence <= 1:
        raise BonescanError(
            f"confidence {confidence}: lies outside 0 to 1; give a fraction such as {DEFAULT_CONFIDENCE}"
        )
    return ModelCard(trained_on=trained_on, confidence=confidence)


def _require(agreement: Agreement, tolerance: Tolerance, weights: Path, out: Path) -> None:
    """Make sure that the exported network is the one of the weights."""
    if not agreement.is_within(tolerance):
        raise BonescanError(
            f"{out.name}: not written, for the exported network differs from {weights.name} by "
            f"{agreement.box_px:.3f} px and {agreement.score:.4f} in score; "
            "please report this with your versions of torch and onnx"
        )


def _export_stock(weights: Path, folder: Path) -> Path:
    """Return the ONNX file that Ultralytics writes, made in `folder` since it writes beside its input."""
    from ultralytics import YOLO

    copy = folder / weights.name
    shutil.copyfile(weights, copy)
    exporter = YOLO(str(copy), task="detect")
    path = exporter.export(
        format="onnx", imgsz=(INPUT_HEIGHT, INPUT_WIDTH), opset=OPSET, simplify=True, device="cpu", verbose=False
    )
    return Path(path)


def _complete(path: Path, card: ModelCard) -> None:
    """Let a file take plain grey levels, and describe it in its metadata, beside what Ultralytics needs to load it."""
    import onnx

    model = onnx.load(path)
    prepend_tones(model)
    kept = {entry.key: entry.value for entry in model.metadata_props if entry.key not in VOLATILE_METADATA}
    described = {
        **kept,
        METADATA_KEY: card.to_json(),
        "description": f"bonescan_yolo: hot spots on whole-body bone scans. {NOTICE}",
        "license": card.licence,
    }
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, dict(sorted(described.items())))
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def _validation_frames(data: Path) -> list[NDArray[np.uint8]]:
    """Return scans of the validation split, spread over it, as the network sees them."""
    images = read_dataset(data).images["val"]
    step = max(1, len(images) // CHECKED_SCANS)
    chosen = images[::step][:CHECKED_SCANS]
    return [fit(read_scans(path)[0].grey(), INPUT_HEIGHT, INPUT_WIDTH)[0] for path in chosen]


def _compare(model: Any, detector: Detector, frames: list[NDArray[np.uint8]], lowest_score: float = 0.0) -> Agreement:
    """Return the largest differences between the raw outputs of both networks; of boxes, above a score alone."""
    import torch

    box_px, score = 0.0, 0.0
    for frame in frames:
        ours = detector.run(frame)
        with torch.inference_mode():
            tones = torch.from_numpy(to_tones(frame, body_level(frame)))
            theirs = model(tones[None, None])[0][0].numpy()
        score = max(score, float(np.abs(ours[4:] - theirs[4:]).max()))
        scores = theirs[4:].max(axis=0)
        best = np.argsort(-scores, kind="stable")[:COMPARED_ANCHORS]
        best = best[scores[best] >= lowest_score]
        edges = np.abs(from_centres(ours[:4, best].T) - from_centres(theirs[:4, best].T))
        box_px = max(box_px, float(edges.max(initial=0.0)))
    return Agreement(len(frames), box_px, score)


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m bonescan_yolo.export", description="Write the ONNX file of weights."
    )
    parser.add_argument("weights", type=Path, help=".pt file, such as runs/train/weights/best.pt")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="ONNX file to write (%(default)s)")
    parser.add_argument("--data", type=Path, help="dataset.yaml to compare on (that of the training run)")
    parser.add_argument("--trained-on", help="data in words, for the file's description (from the training run)")
    parser.add_argument(
        "--conf", type=float, default=DEFAULT_CONFIDENCE, help="the file's own threshold, 0 to 1 (%(default)s)"
    )
    parser.add_argument("--half", action="store_true", help="store the weights in 16 bit: half the file")
    options = parser.parse_args(arguments)
    if not options.weights.is_file():
        raise BonescanError(f"{options.weights}: does not exist; train first (`make train`) or give a .pt file")
    data = options.data or read_data_path(options.weights)
    if data is None:
        raise BonescanError(f"{options.weights}: no run.json tells its data set; give --data data/NAME/dataset.yaml")
    trained_on = options.trained_on or read_trained_on(options.weights) or "unknown"
    agreement = export(options.weights, options.out, data, trained_on, confidence=options.conf, half=options.half)
    sys.stdout.write(
        f"{options.out}  {options.out.stat().st_size / 1e6:.1f} MB  agrees with {options.weights} on {agreement}\n"
    )
    return 0


if __name__ == "__main__":
    cli.run(main)
