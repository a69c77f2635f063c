"""The trainer on real batches: shape, order, tones and boxes, in training and validation; bfloat16; safe saving."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from ultralytics.models.yolo.detect import DetectionTrainer

from bonescan_yolo.dataset.dataset_yaml import read_dataset
from bonescan_yolo.scan.display import body_level, to_tones
from bonescan_yolo.train.precision import Float32Loss, wants_bf16
from bonescan_yolo.train.run import ultralytics_arguments
from bonescan_yolo.train.scan_lists import SCAN_LISTS, write_scan_lists
from bonescan_yolo.train.settings import CONFIG_FILE, shipped_config_with
from bonescan_yolo.train.trainer import ScanTrainer

pytestmark = pytest.mark.slow


def make_trainer(dataset: Path, out: Path, **changes: Any) -> ScanTrainer:
    """A trainer set up as `train` sets it up, up to the first batch."""
    config = shipped_config_with(
        {"data": dataset, "out": out, "device": "cpu", "batch": 4, "epochs": 1, "plots": False, **changes}
    )
    out.mkdir(parents=True)
    (out / CONFIG_FILE).write_text(config.model_dump_json())
    write_scan_lists(read_dataset(dataset), out / SCAN_LISTS)
    trainer = ScanTrainer(overrides={**ultralytics_arguments(config), "model": "yolov8n.yaml", "pretrained": False})
    trainer._setup_train()
    return trainer


@pytest.fixture(scope="module")
def trainer(small_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> ScanTrainer:
    return make_trainer(small_dataset, tmp_path_factory.mktemp("runs") / "run", precision="bf16")


def test_batches_are_grey_and_cropped_in_training_alone(trainer: ScanTrainer) -> None:
    crop = trainer.config.augmentation.crop
    assert crop is not None
    for loader, count, size in ((trainer.train_loader, 9, crop), (trainer.test_loader, 4, (1024, 256))):
        batches = list(loader)
        assert sum(len(batch["img"]) for batch in batches) == count
        assert {tuple(batch["img"].shape[1:]) for batch in batches} == {(1, *size)}
        assert all(batch["img"].dtype == torch.uint8 for batch in batches)


def test_without_a_crop_training_sees_whole_scans(
    trainer: ScanTrainer, small_dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = trainer.config.augmentation.model_copy(update={"crop": None})
    monkeypatch.setattr(trainer, "config", trainer.config.model_copy(update={"augmentation": whole}))
    scans = trainer.build_dataset(str(small_dataset.parent / "images" / "train"), batch=4)
    assert {tuple(scans[index]["img"].shape) for index in range(len(scans))} == {(1, 1024, 256)}


def test_training_is_shuffled_although_one_scan_has_another_shape(trainer: ScanTrainer) -> None:
    orders = [[name for batch in trainer.train_loader for name in batch["im_file"]] for _ in range(3)]
    assert len({tuple(order) for order in orders}) > 1
    assert {frozenset(order) for order in orders} == {frozenset(orders[0])}


def test_boxes_lie_on_the_hot_squares_after_augmentation(trainer: ScanTrainer) -> None:
    checked = 0
    for batch in (batch for _ in range(3) for batch in trainer.train_loader):
        height, width = batch["img"].shape[2:]
        for index, centre in zip(batch["batch_idx"], batch["bboxes"].numpy(), strict=True):
            image = batch["img"][int(index), 0].numpy().astype(float)
            x, y = int(centre[0] * width), int(centre[1] * height)
            inside = image[max(0, y - 3) : y + 4, max(0, x - 3) : x + 4].mean()
            assert inside > 2 * np.median(image) + 60
            checked += 1
    assert checked >= 12


def test_validation_scans_are_not_augmented(trainer: ScanTrainer) -> None:
    first, second = (next(iter(trainer.test_loader)) for _ in range(2))
    torch.testing.assert_close(first["img"], second["img"])
    torch.testing.assert_close(first["bboxes"], second["bboxes"])


def test_validation_scans_are_shown_in_the_tones_of_the_exported_network(trainer: ScanTrainer) -> None:
    batch = next(iter(trainer.test_loader))
    for path, image in zip(batch["im_file"], batch["img"].numpy(), strict=True):
        grey = np.asarray(Image.open(path))
        np.testing.assert_allclose(image[0] / 255, to_tones(grey, body_level(grey)), atol=0.5 / 255 + 1e-6)


def test_bf16_computes_convolutions_in_bf16_and_the_loss_in_float32(trainer: ScanTrainer) -> None:
    seen: dict[str, torch.dtype] = {}
    trainer.model.model[0].conv.register_forward_hook(lambda _m, _i, output: seen.update(conv=output.dtype))
    batch = next(iter(trainer.train_loader))
    with torch.autocast("cpu", enabled=trainer.amp):
        batch = trainer.preprocess_batch(batch)
        loss, _ = trainer.model(batch)
    assert batch["img"].is_contiguous(memory_format=torch.channels_last)
    assert seen == {"conv": torch.bfloat16}
    assert loss.dtype == torch.float32
    assert isinstance(trainer.model.criterion, Float32Loss)


def test_float32_has_channels_last_on_a_cpu_too(small_dataset: Path, tmp_path: Path) -> None:
    trainer = make_trainer(small_dataset, tmp_path / "run", precision="fp32")
    batch = trainer.preprocess_batch(next(iter(trainer.train_loader)))
    assert batch["img"].is_contiguous(memory_format=torch.channels_last)
    assert trainer.model.model[1].conv.weight.is_contiguous(memory_format=torch.channels_last)


def test_bf16_loss_is_near_the_float32_loss(trainer: ScanTrainer) -> None:
    batch = next(iter(trainer.test_loader))
    batch = trainer.preprocess_batch(batch)
    trainer.model.eval()
    with torch.inference_mode():
        exact = float(trainer.model(batch)[0].sum())
        with torch.autocast("cpu"):
            rounded = float(trainer.model(batch)[0].sum())
    trainer.model.train()
    assert rounded == pytest.approx(exact, rel=0.02)


def test_the_last_epochs_train_on_whole_scans(small_dataset: Path, tmp_path: Path) -> None:
    trainer = make_trainer(small_dataset, tmp_path / "run", epochs=3, whole_epochs=1, batch=4, average_epochs=1)
    seen: list[tuple[int, tuple[int, ...]]] = []
    original = trainer.preprocess_batch

    def noted(batch: dict[str, Any]) -> dict[str, Any]:
        if trainer.model.training:
            seen.append((trainer.epoch, tuple(batch["img"].shape[2:])))
        return original(batch)

    trainer.preprocess_batch = noted  # type: ignore[method-assign]
    trainer.train()
    assert set(seen) == {(0, (512, 192)), (1, (512, 192)), (2, (1024, 256))}


def test_every_core_computes(small_dataset: Path, tmp_path: Path) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        make_trainer(small_dataset, tmp_path / "run")
        assert torch.get_num_threads() == os.cpu_count()
    finally:
        torch.set_num_threads(before)


def test_precision_auto_follows_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
    assert wants_bf16("auto")
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": False, "avx2": True})
    assert not wants_bf16("auto")
    assert wants_bf16("bf16")
    assert not wants_bf16("fp32")


def test_a_kill_while_saving_leaves_the_checkpoint_before(
    trainer: ScanTrainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer.last.write_bytes(b"the epoch before")

    def killed(self: ScanTrainer) -> bool:
        self.last.write_bytes(b"half of")
        raise KeyboardInterrupt

    monkeypatch.setattr(DetectionTrainer, "save_model", killed)
    with pytest.raises(KeyboardInterrupt):
        trainer.save_model()
    assert trainer.last.read_bytes() == b"the epoch before"
    trainer.last.unlink()
