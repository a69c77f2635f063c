"""The Ultralytics trainer with this project's data set, precision and progress."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any, Final

import torch
from tqdm import tqdm
from ultralytics.cfg import get_cfg
from ultralytics.models.yolo.detect import DetectionTrainer
from ultralytics.utils import DEFAULT_CFG_DICT, RANK
from ultralytics.utils.torch_utils import unwrap_model

from bonescan_yolo.files import write_text
from bonescan_yolo.regions.region_head import add_region_head, region_head_of
from bonescan_yolo.resources import core_count
from bonescan_yolo.train.averaging import keep_epoch, kept_epochs, mean_weights, save
from bonescan_yolo.train.kept_bones import KEPT_FOLDER
from bonescan_yolo.train.precision import Float32Loss, wants_bf16
from bonescan_yolo.train.region_loss import BoxAndRegionLoss
from bonescan_yolo.train.run_record import MEAN_METRICS_FILE
from bonescan_yolo.train.scan_dataset import ScanDataset
from bonescan_yolo.train.settings import CONFIG_FILE, TrainConfig
from bonescan_yolo.train.small_boxes import use_small_box_loss

CPU_LOADERS: Final = 1
"""Processes that load scans while a CPU trains. On two cores with bfloat16 the shipped network learns from 42 windows
per second with one, and from 33 without: loading was a third of a step."""


class ScanTrainer(DetectionTrainer):  # type: ignore[misc]
    """Trains on 1024 x 256; on a CPU with channels last, and in bfloat16 if the CPU supports it."""

    model: Any
    args: Any
    last: Path
    best: Path

    def __init__(self, cfg: Any = None, overrides: dict[str, Any] | None = None, _callbacks: Any = None) -> None:
        """Take Ultralytics' arguments; the rest of the configuration is in the run's folder."""
        if cfg is None:
            super().__init__(overrides=overrides, _callbacks=_callbacks)
        else:
            super().__init__(cfg, overrides, _callbacks)
        self.config = TrainConfig.model_validate_json((self.save_dir / CONFIG_FILE).read_text())
        self.on_cpu = self.device.type == "cpu"
        if self.on_cpu:
            cores = core_count()
            torch.set_num_threads(cores)  # Ultralytics leaves one core idle, half of a machine with two
            self.args.workers = min(self.config.workers, CPU_LOADERS, cores - 1)  # Ultralytics loads in this process
        self.bf16_on_cpu = self.on_cpu and wants_bf16(self.config.precision)
        if self.config.whole_epochs:
            self.add_callback("on_train_epoch_start", _show_whole_at_the_end)
        if RANK in {-1, 0} and not self.ddp:  # with several GPUs the process of the first one reports
            _add_progress(self)

    def get_dataset(self) -> dict[str, Any]:
        """Return Ultralytics' description of the data set; scans have one channel, also where the YAML does not say."""
        data: dict[str, Any] = super().get_dataset()
        data["channels"] = 1
        return data

    def build_dataset(self, img_path: str, mode: str = "train", batch: int | None = None) -> ScanDataset:
        """Return the scans of a split."""
        return ScanDataset(
            augmentation=self.config.augmentation,
            bones_share=self.config.region_share or 1.0 if mode == "train" and self.config.region_gain else 0.0,
            kept_bones=self.save_dir / KEPT_FOLDER,
            img_path=img_path,
            imgsz=self.args.imgsz,
            batch_size=batch,
            augment=mode == "train",
            hyp=self.args,
            rect=False,
            cache=self.args.cache or None,
            prefix=f"{mode}: ",
            task=self.args.task,
            data=self.data,
        )

    def check_resume(self, overrides: dict[str, Any]) -> None:
        """Take the settings of a resumed run from its configuration; Ultralytics takes them from the checkpoint."""
        super().check_resume(overrides)
        if self.resume:
            last, epochs = self.args.model, self.args.epochs
            self.args = get_cfg(DEFAULT_CFG_DICT, {**overrides, "model": last, "resume": last})
            if self.args.time and isinstance(epochs, int):  # the number that the time allows, measured before
                self.args.epochs = epochs

    def get_model(self, cfg: Any = None, weights: Any = None, verbose: bool = True) -> Any:
        """Build the network, with a head for the bones if they count, and take the weights that fit."""
        network = super().get_model(cfg, None, verbose)
        if self.config.region_gain:
            add_region_head(network)
        if weights is not None:
            network.load(weights)
        return network

    def setup_model(self) -> Any:
        """Build the model; on a CPU in the memory layout that is fastest there, above all in bfloat16."""
        checkpoint = super().setup_model()
        if self.on_cpu:
            self.model = self.model.to(memory_format=torch.channels_last)
        return checkpoint

    def _setup_train(self) -> None:
        """Enable autocast on the CPU, which Ultralytics does only for GPUs; the loss of boxes stays in float32."""
        super()._setup_train()
        model = unwrap_model(self.model)
        criterion, head = model.init_criterion(), region_head_of(model)
        if self.config.small_box_share:
            use_small_box_loss(criterion, self.config.small_box_share)
        if self.bf16_on_cpu:
            self.amp = True  # read at each batch: autocast on the trainer's device, bfloat16 on a CPU
            criterion = Float32Loss(criterion)
        model.criterion = (
            criterion if head is None else BoxAndRegionLoss(criterion, head, self.config.region_gain or 0.0)
        )

    def preprocess_batch(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Scale to [0, 1], in the layout of the model's weights."""
        batch = super().preprocess_batch(batch)
        if self.on_cpu:
            batch["img"] = batch["img"].contiguous(memory_format=torch.channels_last)
        return batch

    def save_model(self) -> bool:
        """Save last.pt and best.pt by a rename, so that the old ones stay if the process is killed."""
        if self.config.average_epochs:
            keep_epoch(self.ema.ema, self._epochs_folder, self.epoch, self.config.average_epochs)
        last, best = self.last, self.best
        self.last, self.best = (path.with_suffix(".part") for path in (last, best))
        try:
            saved: bool = super().save_model()
            for partial, path in ((self.last, last), (self.best, best)):
                if partial.exists():
                    partial.replace(path)
        finally:
            self.last, self.best = last, best
        return saved

    def final_eval(self) -> None:
        """Validate best.pt; with `average_epochs`, replace it by the mean of the last epochs first."""
        averages = RANK in {-1, 0} and self.config.average_epochs > 0
        if averages:
            checkpoint = torch.load(self.last, map_location="cpu", weights_only=False)  # our own file, of this run
            checkpoint["ema"].load_state_dict(mean_weights(kept_epochs(self._epochs_folder)))
            save(checkpoint, self.best)
        super().final_eval()
        if averages:
            metrics = {name: float(value) for name, value in self.metrics.items()}
            write_text(self.save_dir / MEAN_METRICS_FILE, json.dumps(metrics, indent=2) + "\n")

    @property
    def _epochs_folder(self) -> Path:
        """The folder of the weights after each of the last epochs."""
        folder: Path = self.wdir / "epochs"
        return folder


def _show_whole_at_the_end(trainer: ScanTrainer) -> None:
    """Go over to whole scans for the last epochs; in a run that is resumed there, at once."""
    scans = trainer.train_loader.dataset
    if trainer.epoch >= trainer.epochs - trainer.config.whole_epochs and scans.augmentation.crop is not None:
        scans.show_whole()
        trainer.train_loader.reset()  # its processes have a copy of the data set


def _add_progress(trainer: ScanTrainer) -> None:
    """Show a bar for the batches of an epoch and a line per epoch, instead of Ultralytics' own."""
    progress = EpochProgress()
    trainer.add_callback("on_train_epoch_start", progress.start)
    trainer.add_callback("on_train_batch_end", progress.advance)
    trainer.add_callback("on_train_epoch_end", progress.stop)
    trainer.add_callback("on_fit_epoch_end", progress.report)


class EpochProgress:
    """Progress of training on standard error."""

    def __init__(self) -> None:
        """Begin without a bar."""
        self._bar: Any = None
        self._started = time.monotonic()
        self._reported = True

    def start(self, trainer: ScanTrainer) -> None:
        """Open the bar of an epoch."""
        self._reported = False
        self._started = time.monotonic()
        label = f"epoch {trainer.epoch + 1}/{trainer.epochs}"
        self._bar = tqdm(
            total=len(trainer.train_loader),
            desc=label,
            unit="batch",
            file=sys.stderr,
            leave=False,
            disable=None,  # tqdm: no bar without a terminal, so that a log keeps whole lines
        )

    def advance(self, trainer: ScanTrainer) -> None:
        """Count a batch."""
        if self._bar is not None:
            self._bar.update()
            if trainer.tloss:
                self._bar.set_postfix(loss=f"{_total(trainer.tloss):.2f}", refresh=False)

    def stop(self, trainer: ScanTrainer) -> None:  # noqa: ARG002 Ultralytics' signature
        """Close the bar; validation follows."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def report(self, trainer: ScanTrainer) -> None:
        """Print the epoch's results. Ultralytics calls this once more after the last epoch, for the best weights."""
        if self._reported:
            return
        self._reported = True
        seconds = time.monotonic() - self._started
        sys.stderr.write(
            f"epoch {trainer.epoch + 1}/{trainer.epochs}  loss {_total(trainer.tloss):.3f}  "
            f"validation AP50 {trainer.metrics['metrics/mAP50(B)']:.3f}  {seconds:.0f} s\n"
        )


def _total(losses: Any) -> float:
    """Return the sum of the parts of a loss."""
    return float(sum(losses.values()))
