"""Weights become the ONNX files that run anywhere, each checked before it is kept.

The way goes in one direction: weights, the raw model that Ultralytics exports, the network cut out of it, the kinds of
files, their checks, and the files in their place. `export` has all of it in order.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.dataset.dataset_yaml import Dataset, read_dataset
from bonescan_yolo.errors import SettingsError
from bonescan_yolo.export.file_checks import (
    HALF_TOLERANCE,
    ROUNDING_TOLERANCE,
    RefusedError,
    check_app,
    check_int8,
    check_stock,
)
from bonescan_yolo.export.kinds.app import assemble
from bonescan_yolo.export.kinds.half import store_half
from bonescan_yolo.export.kinds.int8 import CALIBRATION_SCANS, quantise
from bonescan_yolo.export.kinds.stock import complete, export_stock
from bonescan_yolo.export.network import cut_network
from bonescan_yolo.export.region_check import check_regions
from bonescan_yolo.export.region_graph import trace_region_head
from bonescan_yolo.files import require_writable
from bonescan_yolo.model.card import APP, DEFAULT_THRESHOLDS, INPUT_HEIGHT, INPUT_WIDTH, ModelCard
from bonescan_yolo.model.detector import Detector, require_fractions
from bonescan_yolo.model.fitting import fit
from bonescan_yolo.model.operating_points import OperatingPoints
from bonescan_yolo.model.rescoring import NO_RESCORING, Rescoring
from bonescan_yolo.model.runtime import Shown
from bonescan_yolo.model.thresholds import Thresholds
from bonescan_yolo.model.torch_network import TorchLayout, load_network
from bonescan_yolo.model.weights_file import require_weights
from bonescan_yolo.output.staging import hidden_folder_beside
from bonescan_yolo.scan.read import read_scans
from bonescan_yolo.train.run_record import read_data_path, read_trained_on

if TYPE_CHECKING:
    import onnx

KINDS = ("stock", "app", "int8")
"""The files of an export; `app` is compared with `stock`, `int8` with `app`."""

SUFFIXES = {"stock": "", "app": "-app", "int8": "-app-int8"}
"""Between the name of the export and `.onnx`."""

CHECKED_SCANS = 32
TIMED_RUNS = 9


@dataclass(frozen=True)
class ExportOptions:
    """What a user of the command chooses.

    Attributes:
        weights: a .pt file.
        out: NAME.onnx, the stock file; the others get a suffix.
        data: dataset.yaml to compare the files on; None takes that of the training run.
        kinds: which of KINDS to write.
        trained_on: the data in words; None takes it from the training run.
        thresholds: the files' own thresholds, each in [0, 1], or all their operating points.
        rescoring: how much the other abnormal boxes of a scan count.
        half: store the weights in 16 bit.
        trust: whether the .pt file may run code, see `load_weights`.
    """

    weights: Path
    out: Path
    data: Path | None = None
    kinds: tuple[str, ...] = KINDS
    trained_on: str | None = None
    thresholds: Thresholds | OperatingPoints = DEFAULT_THRESHOLDS
    rescoring: Rescoring = NO_RESCORING
    half: bool = False
    trust: bool = False


@dataclass(frozen=True)
class ExportedFile:
    """A file that was written.

    Attributes:
        path: of the file.
        size: in bytes.
        latency_ms: median of TIMED_RUNS runs on one scan, on all cores.
        check: what was compared with what, in words.
    """

    path: Path
    size: int
    latency_ms: float
    check: str


@dataclass(frozen=True)
class Export:
    """The result of an export.

    Attributes:
        files: that were written.
        refusal: in words why there is no INT8 file although it was wanted; None otherwise.
    """

    files: tuple[ExportedFile, ...]
    refusal: str | None


def paths_of(out: Path, kinds: Collection[str] = KINDS) -> dict[str, Path]:
    """Return the paths of an export to `out`, NAME.onnx, by kind."""
    return {kind: out.with_name(f"{out.stem}{SUFFIXES[kind]}{out.suffix}") for kind in KINDS if kind in kinds}


def export_weights(options: ExportOptions) -> Export:
    """Write the files that a user asked for; what the options leave open is taken from the training run.

    Raises:
        BonescanError: the weights or their data set are missing, or see `export`.
    """
    weights = options.weights
    require_weights(weights, options.trust)
    data = options.data or read_data_path(weights)
    if data is None:
        raise SettingsError(f"{weights}: has no run.json that names its data set; give --data data/NAME/dataset.yaml")
    card = ModelCard(
        trained_on=options.trained_on or read_trained_on(weights, options.trust) or "unknown",
        context_weight=options.rescoring.weight,
        context_lone=options.rescoring.lone,
    ).with_shown(options.thresholds)
    return export(weights, options.out, data, card, kinds=options.kinds, half=options.half, trust=options.trust)


def export(
    weights: Path,
    out: Path,
    data: Path,
    card: ModelCard,
    *,
    kinds: Collection[str] = KINDS,
    half: bool = False,
    trust: bool = False,
) -> Export:
    """Write weights as ONNX files: all that are wanted, or none if one fails its check.

    Only an INT8 file that is not good enough is left out alone.

    Args:
        weights: a .pt file with one input channel and the project's classes.
        out: NAME.onnx, the stock file; the others are written beside it.
        data: dataset.yaml; validation scans are compared, training scans give INT8 its ranges, test scans its loss.
        card: what the files say about themselves; its layout is set for each.
        kinds: which of KINDS to write.
        half: store weights in 16 bit; files still compute in float32. The files then agree within HALF_TOLERANCE, and
            the network before its weights were rounded within ROUNDING_TOLERANCE.
        trust: whether the .pt file may run code, see `load_weights`.

    Raises:
        BonescanError: the weights cannot be used, or a file differs from them more than allowed.
    """
    require_fractions(card.thresholds, DEFAULT_THRESHOLDS)
    require_writable(out.parent)
    dataset = read_dataset(data)
    network = load_network(weights, trust)
    reference = TorchLayout(network, card, Shown(card.thresholds, card.iou, card.rescoring), str(weights))
    frames = frames_of(dataset, "val", CHECKED_SCANS)
    raw = export_stock(weights)
    app_card = replace(card, layout=APP)
    refusal = None
    with hidden_folder_beside(out) as folder:
        draft = _Draft(folder, paths_of(out), frames)
        stock = draft.load("stock", complete(raw, card))
        agreement = check_stock(stock, reference, frames, ROUNDING_TOLERANCE)
        if half:
            stock = draft.load("stock", complete(raw, card), half=True)
            agreement = check_stock(stock, reference, frames, HALF_TOLERANCE)
        draft.accept("stock", stock, f"{weights.name} on {agreement}")
        if {"app", "int8"} & set(kinds):
            inner, head = cut_network(raw), trace_region_head(network)
            app = draft.load("app", assemble(inner, app_card, head), half=half)
            check = check_app(app, stock, frames)
            if head is not None:
                check += f"; {check_regions(app, network, frames)}"
            draft.accept("app", app, check)
        if "int8" in kinds:
            quantised = quantise(inner, frames_of(dataset, "train", CALIBRATION_SCANS))
            int8 = draft.load("int8", assemble(quantised, app_card, head), half=half)
            try:
                draft.accept("int8", int8, check_int8(int8, app, dataset))
            except RefusedError as error:
                refusal = str(error)
        return Export(draft.keep(kinds), refusal)


def frames_of(dataset: Dataset, split: str, number: int) -> list[NDArray[np.uint8]]:
    """Return scans of a split, evenly spread over it, as the network's input.

    Args:
        dataset: with scans in the split.
        split: its name.
        number: of scans, at most.

    Returns:
        Each (INPUT_HEIGHT, INPUT_WIDTH) uint8 grey levels.
    """
    images = dataset.images[split]
    step = max(1, len(images) // number)
    return [fit(read_scans(path)[0].grey(), INPUT_HEIGHT, INPUT_WIDTH)[0] for path in images[::step][:number]]


class _Draft:
    """The files of an export in a temporary folder: made and checked there, put in their place all together."""

    def __init__(self, folder: Path, targets: dict[str, Path], frames: Sequence[NDArray[np.uint8]]) -> None:
        self._folder = folder
        self._targets = targets
        self._frames = frames
        self._accepted: dict[str, ExportedFile] = {}

    def load(self, kind: str, model: onnx.ModelProto, *, half: bool = False) -> Detector:
        """Write a model to the temporary folder, in 16 bit if wanted; returns it loaded, ready to be checked."""
        import onnx

        if half:
            store_half(model)
        path = self._folder / self._targets[kind].name
        onnx.save(model, path)
        return Detector(path)

    def accept(self, kind: str, detector: Detector, check: str) -> None:
        """Record a file that passed its check, with its size and latency."""
        seconds = []
        for _ in range(TIMED_RUNS + 1):  # the first warms up
            start = time.perf_counter()
            detector.layout.find(self._frames[0])
            seconds.append(time.perf_counter() - start)
        size = detector.path.stat().st_size
        self._accepted[kind] = ExportedFile(self._targets[kind], size, 1000 * median(seconds[1:]), check)

    def keep(self, kinds: Collection[str]) -> tuple[ExportedFile, ...]:
        """Put the accepted files that are wanted in their place."""
        wanted = [file for kind, file in self._accepted.items() if kind in kinds]
        for file in wanted:
            (self._folder / file.path.name).replace(file.path)
        return tuple(wanted)
