"""From weights to the files that run anywhere, each checked before it is kept."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.dataset.dataset_yaml import Dataset, read_dataset
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.evaluate.matching.average_precision import average_precision
from bonescan_yolo.evaluate.read_split import open_model, read_results
from bonescan_yolo.export.checks import (
    EQUIVALENT_SHARE,
    HALF_COMPARED_SCORE,
    HALF_TOLERANCE,
    ROUNDING_TOLERANCE,
    Agreement,
    Tolerance,
    compare_raw,
    share_equivalent,
)
from bonescan_yolo.export.kinds.app import assemble
from bonescan_yolo.export.kinds.half import store_half
from bonescan_yolo.export.kinds.int8 import CALIBRATION_SCANS, quantise
from bonescan_yolo.export.kinds.stock import complete, export_stock
from bonescan_yolo.export.network import Network, cut_network
from bonescan_yolo.files import write_bytes
from bonescan_yolo.model.card import APP, DEFAULT_CONFIDENCE, INPUT_HEIGHT, INPUT_WIDTH, ModelCard
from bonescan_yolo.model.detector import Detector, fraction, open_session
from bonescan_yolo.model.fitting import fit
from bonescan_yolo.model.runtime import RawLayout, StockLayout
from bonescan_yolo.model.torch_network import TorchLayout, load_network
from bonescan_yolo.scan.read import read_scans
from bonescan_yolo.third_party.ultralytics_setup import prepare_ultralytics

if TYPE_CHECKING:
    import onnx

KINDS = ("stock", "app", "int8")
"""The files of an export; the second is made of the first, the third of the second."""

SUFFIXES = {"stock": "", "app": "-app", "int8": "-app-int8"}
"""Between the name of the export and `.onnx`."""

CHECKED_SCANS = 32
TIMED_RUNS = 9

MOST_LOST_AP50 = 0.005
"""Of a class, that INT8 may lose against float32 on the whole test split."""

MOST_INT8_BYTES = 4_000_000
"""Of yolov8n; larger networks may have more, in proportion to their float32 file."""


@dataclass(frozen=True)
class Exported:
    """A file that was written.

    Attributes:
        path: of the file.
        size: bytes.
        latency_ms: median of TIMED_RUNS runs on one scan, on all cores.
        check: what was compared with what, in words.
    """

    path: Path
    size: int
    latency_ms: float
    check: str


@dataclass(frozen=True)
class Export:
    """What an export gave.

    Attributes:
        files: that were written.
        refusal: why there is no INT8 file though one was wanted, in words; None where there is one, or none was wanted.
    """

    files: tuple[Exported, ...]
    refusal: str | None


class RefusedError(BonescanError):
    """An INT8 file that is not good enough; the others may still be written."""


def paths_of(out: Path, kinds: Collection[str] = KINDS) -> dict[str, Path]:
    """Return the files of an export to `out`, NAME.onnx, by kind."""
    return {kind: out.with_name(f"{out.stem}{SUFFIXES[kind]}{out.suffix}") for kind in KINDS if kind in kinds}


def export(
    weights: Path,
    out: Path,
    data: Path,
    card: ModelCard,
    *,
    kinds: Collection[str] = KINDS,
    half: bool = False,
) -> Export:
    """Write weights as ONNX files: all that are wanted or, if one does not agree with the weights, none.

    An INT8 file that loses too much is left out alone.

    Args:
        weights: a .pt file of one channel and the project's classes.
        out: NAME.onnx, the stock file; the others lie beside it.
        data: dataset.yaml: validation scans are compared, training scans tell INT8 its ranges, test scans its loss.
        card: what the files say about themselves; its layout is set for each.
        kinds: which of KINDS to write.
        half: store weights in 16 bit; files still compute in float32. What is written then agrees within
            HALF_TOLERANCE, and the network before its weights were rounded within ROUNDING_TOLERANCE.

    Raises:
        BonescanError: the weights cannot be used, or a file differs from them more than it may.
    """
    fraction(card.confidence, DEFAULT_CONFIDENCE, "confidence")
    dataset = read_dataset(data)
    prepare_ultralytics()
    model = TorchLayout(load_network(weights), card)
    frames = _frames(dataset, "val", CHECKED_SCANS)
    raw = export_stock(weights)
    with tempfile.TemporaryDirectory() as folder:
        bench = _Bench(Path(folder), out, half=half)
        stock, check = _check_stock(bench, complete(raw, card), model, frames, weights)
        made = {"stock": bench.measure(stock, "stock", f"{weights.name} on {check}", frames)}
        refusal = None
        if {"app", "int8"} & set(kinds):
            network = cut_network(raw)
            app, check = _check_app(bench, network, replace(card, layout=APP), stock, frames)
            made["app"] = bench.measure(app, "app", check, frames)
            if "int8" in kinds:
                try:
                    int8, check = _check_int8(bench, network, replace(card, layout=APP), app, dataset)
                    made["int8"] = bench.measure(int8, "int8", check, frames)
                except RefusedError as error:
                    refusal = str(error)
        wanted = {kind: file for kind, file in made.items() if kind in kinds}
        for kind, file in wanted.items():
            write_bytes(file.path, bench.path(kind).read_bytes())
    return Export(tuple(wanted.values()), refusal)


class _Bench:
    """The files being made, in a folder that goes afterwards."""

    def __init__(self, folder: Path, out: Path, *, half: bool) -> None:
        self._folder = folder
        self._targets = paths_of(out)
        self.half = half

    def path(self, kind: str) -> Path:
        """Return where a file is made."""
        return self._folder / self._targets[kind].name

    def save(self, model: onnx.ModelProto, kind: str) -> Detector:
        """Write a file that is being made; returns it loaded, ready to be compared."""
        import onnx

        onnx.save(model, self.path(kind))
        return Detector(self.path(kind))

    def measure(self, detector: Detector, kind: str, check: str, frames: Sequence[NDArray[np.uint8]]) -> Exported:
        """Return what there is to say of a finished file."""
        seconds = []
        for _ in range(TIMED_RUNS + 1):
            start = time.perf_counter()
            detector.layout.find(frames[0], detector.confidence, detector.iou)
            seconds.append(time.perf_counter() - start)
        size = self.path(kind).stat().st_size
        return Exported(self._targets[kind], size, 1000 * median(seconds[1:]), check)


def _check_stock(
    bench: _Bench, model: onnx.ModelProto, weights_model: RawLayout, frames: Sequence[NDArray[np.uint8]], weights: Path
) -> tuple[Detector, str]:
    """Return the stock file, if it is the network of the weights, and how far it is from them."""
    name = bench.path("stock").name
    detector = bench.save(model, "stock")
    agreement = _compare(weights_model, detector, frames, 0.0)
    _require(agreement, ROUNDING_TOLERANCE, weights, name)
    if bench.half:
        store_half(model)
        detector = bench.save(model, "stock")
        agreement = _compare(weights_model, detector, frames, HALF_COMPARED_SCORE)
        _require(agreement, HALF_TOLERANCE, weights, name)
    return detector, str(agreement)


def _compare(model: RawLayout, detector: Detector, frames: Sequence[NDArray[np.uint8]], lowest: float) -> Agreement:
    return compare_raw(model, StockLayout(open_session(detector.path, 0), detector.card), frames, lowest)


def _require(agreement: Agreement, tolerance: Tolerance, weights: Path, name: str) -> None:
    """Make sure that the exported network is the one of the weights."""
    if not agreement.is_within(tolerance):
        raise BonescanError(
            f"{name}: not written, for the exported network differs from {weights.name} by "
            f"{agreement.box_px:.3f} px and {agreement.score:.4f} in score; "
            "please report this with your versions of torch and onnx"
        )


def _check_app(
    bench: _Bench, network: Network, card: ModelCard, stock: Detector, frames: Sequence[NDArray[np.uint8]]
) -> tuple[Detector, str]:
    """Return the self-contained file, if it shows the boxes of the stock file, and on how many scans it does."""
    model = assemble(network, card)
    if bench.half:
        store_half(model)
    detector = bench.save(model, "app")
    share = share_equivalent(stock.layout, detector.layout, frames, card.confidence, card.iou)
    if share * len(frames) < EQUIVALENT_SHARE * len(frames) - 1:  # one scan more, as few are compared
        raise BonescanError(
            f"{bench.path('app').name}: not written, for it shows other boxes than {bench.path('stock').name} on "
            f"{1 - share:.0%} of {len(frames)} scans; please report this with your versions of torch and onnx"
        )
    return detector, f"same boxes as {bench.path('stock').name} on {round(share * len(frames))} of {len(frames)} scans"


def _check_int8(
    bench: _Bench, network: Network, card: ModelCard, app: Detector, dataset: Dataset
) -> tuple[Detector, str]:
    """Return the INT8 file, if it loses no more than it may on the test split, and what it loses."""
    name = bench.path("int8").name
    model = assemble(quantise(network, _frames(dataset, "train", CALIBRATION_SCANS)), card)
    if bench.half:
        store_half(model)
    detector = bench.save(model, "int8")
    limit = max(MOST_INT8_BYTES, bench.path("app").stat().st_size // 2)
    if bench.path("int8").stat().st_size > limit:
        raise RefusedError(f"{name}: not written, for it has more than {limit / 1e6:.1f} MB; use --half")
    before, after = (_ap50(dataset, kind) for kind in (app, detector))
    lost = {label: before[label] - after[label] for label in before}
    if not lost:
        raise RefusedError(
            f"{name}: not written, for the test split of {dataset.yaml} has no boxes to measure its loss on; "
            "give another --data, or leave int8 out of --files"
        )
    words = ", ".join(f"{label} {100 * value:+.2f}" for label, value in lost.items())
    if max(lost.values()) > MOST_LOST_AP50:
        raise RefusedError(
            f"{name}: not written, for it loses more than {100 * MOST_LOST_AP50:.1f} points of AP50 "
            f"({words}) on the {len(dataset.images['test'])} scans of the test split; give --data with more of them, "
            "for few tell little, or leave int8 out of --files"
        )
    return detector, f"AP50 lost on {len(dataset.images['test'])} test scans, points: {words}"


def _ap50(dataset: Dataset, detector: Detector) -> dict[str, float]:
    """Return the average precision of each class that the test split has boxes of."""
    results = read_results(dataset, "test", open_model(detector.path))
    return {label: metric.ap50 for label, metric in average_precision(results).items() if metric.ap50 is not None}


def _frames(dataset: Dataset, split: str, number: int) -> list[NDArray[np.uint8]]:
    """Return scans of a split, spread over it, as the network sees them."""
    images = dataset.images[split]
    step = max(1, len(images) // number)
    return [fit(read_scans(path)[0].grey(), INPUT_HEIGHT, INPUT_WIDTH)[0] for path in images[::step][:number]]
