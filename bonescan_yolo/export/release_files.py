"""The files of a finished run that can be passed on: weights to fine-tune from, and the ONNX files to read with."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from bonescan_yolo.errors import ModelError, SettingsError
from bonescan_yolo.export.exporting import ExportedFile, export
from bonescan_yolo.files import sha256_of, write_bytes
from bonescan_yolo.model.card import DEFAULT_THRESHOLDS, ModelCard
from bonescan_yolo.model.operating_points import OperatingPoints
from bonescan_yolo.model.rescoring import NO_RESCORING, Rescoring
from bonescan_yolo.model.thresholds import Thresholds
from bonescan_yolo.model.weights_file import load_weights, require_weights
from bonescan_yolo.model.weights_writer import checkpoint_bytes
from bonescan_yolo.train.run_record import RUN_FILE, read_best_hash, read_data_path, read_trained_on

NAME = "bonescan"
DEFAULT_OUT = Path("weights")

MAX_BYTES = 24_000_000
"""Of all files together: every version of them stays in the project's history for good."""


def release(
    run: Path,
    out: Path,
    data: Path | None = None,
    thresholds: Thresholds | OperatingPoints = DEFAULT_THRESHOLDS,
    rescoring: Rescoring = NO_RESCORING,
    *,
    trust: bool = False,
) -> list[ExportedFile]:
    """Write `bonescan.pt` to fine-tune from and the ONNX files to read with, all with weights in 16 bit.

    Args:
        run: folder of a finished run.
        out: folder for the files; each is replaced whole or not at all, and none unless all pass their checks.
        data: dataset.yaml to compare them on; None takes the run's own.
        thresholds: the files' own thresholds, each in [0, 1], or all their operating points.
        rescoring: how much the other abnormal boxes of a scan count.
        trust: whether the run's .pt file may run code, see `load_weights`.

    Returns:
        Each ONNX file, with its size, latency and check.

    Raises:
        ModelError: the run is not finished, its weights are not those it recorded, or they are too large.
    """
    best = run / "weights" / "best.pt"
    _require_finished(run, best)
    require_weights(best, trust)
    data = data or read_data_path(best)
    if data is None:
        raise SettingsError(f"{run / RUN_FILE}: does not name its data set; give --data data/NAME/dataset.yaml")
    trained_on = read_trained_on(best, trust) or "unknown"
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / f"{NAME}.pt"
        card = ModelCard(
            trained_on=trained_on, context_weight=rescoring.weight, context_lone=rescoring.lone
        ).with_shown(thresholds)
        weights.write_bytes(_clean_checkpoint(best, card, trust))
        exported = export(weights, Path(folder) / f"{NAME}.onnx", data, card, half=True)
        if exported.refusal is not None:
            raise ModelError(exported.refusal)
        contents = {out / path.name: path.read_bytes() for path in (weights, *(file.path for file in exported.files))}
    size = sum(map(len, contents.values()))
    if size > MAX_BYTES:
        raise ModelError(
            f"{run}: its files would have {size / 1e6:.1f} MB, more than {MAX_BYTES / 1e6:.0f}; train a smaller model"
        )
    for path, content in contents.items():
        write_bytes(path, content)
    return [replace(file, path=out / file.path.name) for file in exported.files]


def _require_finished(run: Path, best: Path) -> None:
    """Check that a run has ended and that its weights are those it recorded."""
    if not best.is_file() or not (run / RUN_FILE).is_file():
        raise ModelError(f"{run}: holds no finished run; train first, or continue a stopped run with --resume")
    if read_best_hash(best) != sha256_of(best):
        raise ModelError(f"{best}: is not the file that {RUN_FILE} describes; train again")


def _clean_checkpoint(best: Path, card: ModelCard, trust: bool) -> bytes:
    """Return a .pt file of the best weights that can be passed on."""
    network, checkpoint = load_weights(best, trust)
    return checkpoint_bytes(network, checkpoint.get("train_args", {}), card, f"{NAME}.pt")
