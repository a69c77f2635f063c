"""One training run: from a configuration and a data set to weights and `run.json`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bonescan_yolo.config import read_yaml
from bonescan_yolo.dataset.dataset_yaml import Dataset, bones_path, read_dataset
from bonescan_yolo.errors import SettingsError, one_line
from bonescan_yolo.files import names_file_outside, unwritable
from bonescan_yolo.model.card import DEFAULT_IOU, INPUT_HEIGHT
from bonescan_yolo.model.weights_file import require_weights
from bonescan_yolo.output.holding import hold_folder
from bonescan_yolo.output.run_folders import keep_as_previous, require_folder_for_run
from bonescan_yolo.third_party.ultralytics_setup import prepare_ultralytics
from bonescan_yolo.train.earlier_run import TRAINING_RUN
from bonescan_yolo.train.kept_bones import KEPT_FOLDER
from bonescan_yolo.train.network_choice import (
    AUTO,
    NETWORK_FILE,
    Description,
    build,
    describe_network,
    write_description,
)
from bonescan_yolo.train.run_record import write_run_record
from bonescan_yolo.train.scan_lists import LISTS_YAML, SCAN_LISTS, write_scan_lists
from bonescan_yolo.train.settings import CONFIG_FILE, TrainConfig, read_stored_config
from bonescan_yolo.train.start_bones import network_that_sees_bones, settle_bones, write_kept_maps
from bonescan_yolo.train.start_weights import FINISHED_EPOCH, SCRATCH, count_fitting_layers, read_epoch, resolve_weights

if TYPE_CHECKING:
    from bonescan_yolo.train.trainer import ScanTrainer


def start_run(config: TrainConfig, trust: bool = False) -> Path:
    """Train a model from its start; returns the path of the best weights.

    An earlier run in `config.out` is kept beside it as `NAME.previous`, replacing the run kept there before.

    Args:
        config: of the run.
        trust: whether the .pt file to start from may run code, see `load_weights`.

    Raises:
        SettingsError: no data set is given, the device is missing, or bones count and cannot be learnt.
        DatasetError: the data set cannot be used.
        ModelError: the weights to start from are missing, cannot be loaded, or fit no layer of the network.
        OutputError: the folder contains files that no earlier run wrote.
    """
    dataset = _read_data(config)
    require_folder_for_run(config.out, Path(config.weights), TRAINING_RUN)
    prepare_ultralytics()
    _check_device(config)
    start = resolve_weights(config.weights)
    network = describe_network(config.model, start, trust)
    seeing = network_that_sees_bones(start, trust)
    config = settle_bones(config, seeing, network)
    _require_bones(config, dataset, network, seeing)
    fitting = None if start is None else count_fitting_layers(start, config.model, network, trust)
    if config.out.is_dir():
        with hold_folder(config.out):  # no run that goes on is moved
            keep_as_previous(config.out, TRAINING_RUN)
    with hold_folder(config.out):
        (config.out / CONFIG_FILE).write_text(config.model_dump_json(indent=2) + "\n")
        described = write_description(config.out, network)
        bones = None if seeing is None else "goes on seeing bones" if config.region_gain else "no longer sees bones"
        notes = "; ".join(note for note in (fitting, bones) if note)
        _announce(f"training {_name(config)} from {config.weights}{notes and f' ({notes})'}", dataset)
        write_kept_maps(seeing if config.region_gain else None, dataset, config.out / KEPT_FOLDER)
        pretrained = str(start) if start is not None else False
        arguments = {**ultralytics_arguments(config), "model": str(described), "pretrained": pretrained}
        return _train(config, dataset, arguments)


def resume_run(out: Path, device: str | None, trust: bool = False) -> Path:
    """Resume the run in `out` that was stopped, with its own configuration; returns the path of the best weights.

    A checkpoint does not contain the random states of Python and torch. A resumed run is as good as an uninterrupted
    one, but not identical to it.

    Args:
        out: the run's folder.
        device: to resume on; None means the configured one.
        trust: whether the run's .pt files may run code, see `load_weights`.

    Raises:
        SettingsError: there is no run, its configuration cannot be read, or the run is finished.
        ModelError: its weights cannot be loaded, or are those of another network.
    """
    last = out / "weights" / "last.pt"
    if not last.is_file() or not (out / CONFIG_FILE).is_file():
        raise SettingsError(f"{out}: has no run to resume; train without --resume")
    stored = read_stored_config(out / CONFIG_FILE)
    config = stored.model_copy(update={"out": out, **({} if device is None else {"device": device})})
    dataset = _read_data(config)
    prepare_ultralytics()
    _check_device(config)
    for weights in sorted((out / "weights").glob("*.pt")):  # best.pt is read again when the run ends
        require_weights(weights, trust)
    epoch = read_epoch(last, _name(config), read_yaml(out / NETWORK_FILE), trust)
    if epoch == FINISHED_EPOCH:
        raise SettingsError(f"{out}: this run is finished; train without --resume to start a new one")
    _announce(f"resuming {_name(config)} after epoch {epoch + 1}", dataset)
    with hold_folder(out):
        return _train(config, dataset, {**ultralytics_arguments(config), "resume": str(last)})


def _train(config: TrainConfig, dataset: Dataset, arguments: dict[str, Any]) -> Path:
    """Run the trainer and write the record."""
    from bonescan_yolo.train.trainer import ScanTrainer

    started = time.monotonic()
    write_scan_lists(dataset, config.out / SCAN_LISTS)
    try:
        trainer: ScanTrainer = ScanTrainer(overrides=arguments)
        trainer.train()
    except OSError as error:  # Ultralytics writes without catching any
        if names_file_outside(error, config.out):
            raise
        raise unwritable(config.out, error) from error
    best = config.out / "weights" / "best.pt"
    write_run_record(config, dataset, best, time.monotonic() - started)
    return best


def _read_data(config: TrainConfig) -> Dataset:
    if config.data is None:
        raise SettingsError("--data: is missing; give --data data/NAME/dataset.yaml")
    return read_dataset(config.data)


def _name(config: TrainConfig) -> str:
    """Return the network's name in words."""
    return "the network of the weights" if config.model == AUTO and config.weights != SCRATCH else config.model


def _require_bones(config: TrainConfig, dataset: Dataset, network: Description, seeing: Any | None) -> None:
    """Refuse bones that count where none can be learnt.

    Raises:
        SettingsError: no training scan has them and the start weights do not see them, or the network has no level for
            them.
    """
    if not config.region_gain:
        return
    from bonescan_yolo.regions.region_head import FEATURE_STRIDE

    if int(build(network).stride[0]) != FEATURE_STRIDE:
        raise SettingsError(f"region_gain: {config.model} has no head for bones; use yolov8n, or region_gain: 0")
    if seeing is None and not any(bones_path(image).is_file() for image in dataset.images["train"]):
        raise SettingsError(
            f"region_gain: no training scan of {dataset.yaml} has bones; simulate with --regions and convert again, "
            "start from weights that see bones, or use region_gain: 0"
        )


def _announce(what: str, dataset: Dataset) -> None:
    """Print what is trained, and on which data."""
    counts = ", ".join(f"{len(images)} {split}" for split, images in dataset.images.items())
    sys.stderr.write(one_line(f"{what} on {dataset.source} ({dataset.yaml}: {counts})") + "\n")


def ultralytics_arguments(config: TrainConfig) -> dict[str, Any]:
    """Return Ultralytics' arguments for a configuration."""
    out = config.out.resolve()
    return {
        "task": "detect",
        "data": str(out / SCAN_LISTS / LISTS_YAML),
        "epochs": config.epochs,
        "time": None if config.minutes is None else config.minutes / 60,  # hours
        "patience": config.patience,
        "batch": config.batch,
        "nbs": config.batch,  # one step per batch: its default of 64 would gather several batches into one step
        "imgsz": INPUT_HEIGHT,
        "optimizer": config.optimizer,
        "lr0": config.learning_rate,
        "lrf": config.final_learning_rate,
        "warmup_epochs": config.warmup_epochs,
        "warmup_bias_lr": 0.0,  # its default of 0.1 is for SGD and destabilises AdamW
        "weight_decay": config.weight_decay,
        "seed": config.seed,
        "device": {"auto": "", "cuda": "0"}.get(config.device, config.device),
        "workers": config.workers,
        "amp": "bf16" if _wants_gpu_bf16(config) else False,  # its own test of other precisions needs a download
        "compile": config.compile,
        "plots": config.plots,
        "iou": DEFAULT_IOU,
        "close_mosaic": 0,
        "project": str(out.parent),
        "name": out.name,
        "exist_ok": True,
        "verbose": False,
    }


def _wants_gpu_bf16(config: TrainConfig) -> bool:
    """Return whether training runs on a GPU that computes in bfloat16."""
    import torch

    on_gpu = config.device not in ("cpu", "mps") and torch.cuda.is_available()
    return on_gpu and config.precision != "fp32" and torch.cuda.is_bf16_supported(including_emulation=False)


def _check_device(config: TrainConfig) -> None:
    """Refuse a GPU that the machine lacks, before anything is written."""
    import torch

    if config.device in ("auto", "cpu"):
        return
    if config.device == "mps":
        if not torch.backends.mps.is_available():
            raise SettingsError("device mps: this machine has no MPS device; use --device auto")
        return
    count = torch.cuda.device_count()
    numbers = [0] if config.device == "cuda" else [int(number) for number in config.device.split(",")]
    if max(numbers) >= count:
        raise SettingsError(f"device {config.device}: this machine has {count} CUDA GPUs; use --device auto")
