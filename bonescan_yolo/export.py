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
from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.dataset_yaml import read_dataset
from bonescan_yolo.detector import DEFAULT_MODEL, Detector
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.files import write_bytes
from bonescan_yolo.fitting import fit
from bonescan_yolo.model_card import INPUT_HEIGHT, INPUT_WIDTH, LICENCE, METADATA_KEY, NOTICE, ModelCard
from bonescan_yolo.scan.read import read_scans
from bonescan_yolo.train.record import read_data_path, read_trained_on
from bonescan_yolo.ultralytics_setup import prepare_ultralytics

OPSET = 12
"""Old enough for every onnxruntime since 1.3 (2020) and for OpenCV; YOLOv8 needs nothing newer."""

CHECKED_SCANS = 32
COMPARED_ANCHORS = 100
"""Best anchors of each scan whose boxes are compared; those of anchors that see nothing are arbitrary."""

MAX_BOX_DIFFERENCE_PX = 0.1
MAX_SCORE_DIFFERENCE = 0.001
"""What rounding in another order of operations may do; more means that the file is not the same network."""

VOLATILE_METADATA = ("date", "args", "description", "docs")
"""Keys of Ultralytics that name the time or paths of the export, so that repeated exports would differ."""


@dataclass(frozen=True)
class Agreement:
    """How far an ONNX file is from its weights, at most, over all scans compared."""

    scans: int
    box_px: float
    score: float

    @property
    def is_close(self) -> bool:
        """Whether the differences are no more than rounding."""
        return self.box_px <= MAX_BOX_DIFFERENCE_PX and self.score <= MAX_SCORE_DIFFERENCE


def export(weights: Path, out: Path, data: Path, trained_on: str) -> Agreement:
    """Write `weights` as an ONNX file that Ultralytics and this project both load, if it agrees with them.

    Args:
        weights: a .pt file of one channel and the project's classes.
        out: the ONNX file to write.
        data: dataset.yaml; up to 32 scans of its validation split are compared.
        trained_on: what the weights were trained on, for the file's description.

    Raises:
        BonescanError: the weights cannot be used, or the file differs from them.
    """
    frames = _validation_frames(data)
    prepare_ultralytics()
    model = _load(weights)
    with tempfile.TemporaryDirectory() as folder:
        candidate = _export_stock(weights, Path(folder))
        _describe(candidate, trained_on)
        agreement = _compare(model, Detector(candidate), frames)
        if not agreement.is_close:
            raise BonescanError(
                f"{out}: not written, for the exported network differs from {weights} by {agreement.box_px:.3f} px "
                f"and {agreement.score:.4f} in score; please report this with your versions of torch and onnx"
            )
        write_bytes(out, candidate.read_bytes())
    return agreement


def _load(weights: Path) -> Any:
    """Return the network of a .pt file, in float32 for inference."""
    if not weights.is_file():
        raise BonescanError(f"{weights}: does not exist; train first (`make train`) or give a .pt file")
    from ultralytics import YOLO

    try:
        model = YOLO(str(weights), task="detect").model.float().eval()
        names, channels = list(model.names.values()), int(model.yaml.get("channels", model.yaml.get("ch", 3)))
    except Exception as error:  # pickle, zipfile, torch and Ultralytics each raise their own
        raise BonescanError(f"{weights}: is not a YOLO .pt file that can be loaded; train it again") from error
    if names != list(CLASS_NAMES) or channels != 1:
        raise BonescanError(
            f"{weights}: has classes {names} and {channels} channels, not {list(CLASS_NAMES)} and 1; "
            "fine-tune it with `python -m bonescan_yolo.train --weights`"
        )
    return model


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


def _describe(path: Path, trained_on: str) -> None:
    """Put the project's description into a file's metadata, beside what Ultralytics needs to load it."""
    import onnx

    model = onnx.load(path)
    kept = {entry.key: entry.value for entry in model.metadata_props if entry.key not in VOLATILE_METADATA}
    described = {
        **kept,
        METADATA_KEY: ModelCard(trained_on=trained_on).to_json(),
        "description": f"bonescan_yolo: hot spots on whole-body bone scans. {NOTICE}",
        "license": LICENCE,
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


def _compare(model: Any, detector: Detector, frames: list[NDArray[np.uint8]]) -> Agreement:
    """Return the largest differences between the raw outputs of both networks."""
    import torch

    box_px, score = 0.0, 0.0
    for frame in frames:
        ours = detector.run(frame)
        with torch.inference_mode():
            images = torch.from_numpy(frame.copy())[None, None].float() / 255
            theirs = model(images)[0][0].numpy()
        score = max(score, float(np.abs(ours[4:] - theirs[4:]).max()))
        best = np.argsort(-theirs[4:].max(axis=0), kind="stable")[:COMPARED_ANCHORS]
        edges = np.abs(from_centres(ours[:4, best].T) - from_centres(theirs[:4, best].T))
        box_px = max(box_px, float(edges.max()))
    return Agreement(len(frames), box_px, score)


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m bonescan_yolo.export", description="Write the ONNX file of weights."
    )
    parser.add_argument("weights", type=Path, help=".pt file, such as runs/train/weights/best.pt")
    parser.add_argument("--out", type=Path, default=DEFAULT_MODEL, help="ONNX file to write (%(default)s)")
    parser.add_argument("--data", type=Path, help="dataset.yaml to compare on (that of the training run)")
    parser.add_argument("--trained-on", help="data in words, for the file's description (from the training run)")
    options = parser.parse_args(arguments)
    if not options.weights.is_file():
        raise BonescanError(f"{options.weights}: does not exist; train first (`make train`) or give a .pt file")
    data = options.data or read_data_path(options.weights)
    if data is None:
        raise BonescanError(f"{options.weights}: no run.json tells its data set; give --data data/NAME/dataset.yaml")
    trained_on = options.trained_on or read_trained_on(options.weights) or "unknown"
    agreement = export(options.weights, options.out, data, trained_on)
    sys.stdout.write(
        f"{options.out}  {options.out.stat().st_size / 1e6:.1f} MB  agrees with {options.weights} on "
        f"{agreement.scans} scans: boxes within {agreement.box_px:.4f} px, scores within {agreement.score:.6f}\n"
    )
    return 0


if __name__ == "__main__":
    cli.run(main)
