"""Weights to export, and scans to export them on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from bonescan_yolo.third_party.ultralytics_setup import prepare_ultralytics

CALM_SPREAD = 0.001
"""Of weights whose boxes depend on rounding as little as those of trained ones; random ones are off by pixels."""


def save_weights(
    path: Path,
    channels: int = 1,
    names: tuple[str, ...] = ("abnormal", "normal"),
    spread: float = 0.2,
    description: str = "yolov8n.yaml",
) -> Path:
    """Untrained weights in a .pt file as Ultralytics writes it, with random but fixed values."""
    model = untrained(channels, names, spread, description)
    return save_network(path, model)


def save_weights_with_bones(path: Path, spread: float = CALM_SPREAD, description: str = "yolov8n.yaml") -> Path:
    """The same with a head for bones, which says something else of each cell and bone."""
    prepare_ultralytics()
    import torch

    from bonescan_yolo.regions.region_head import add_region_head, region_head_of

    model = untrained(1, ("abnormal", "normal"), spread, description)
    add_region_head(model)
    head = region_head_of(model)
    assert head is not None
    for values in head["bones"].get_submodule("5").parameters():
        torch.nn.init.normal_(values, std=2.0)
    return save_network(path, model.eval())


def untrained(channels: int, names: tuple[str, ...], spread: float, description: str) -> Any:
    """A network with random but fixed values."""
    prepare_ultralytics()
    import torch
    from ultralytics.nn.tasks import DetectionModel

    torch.manual_seed(0)
    model = DetectionModel(description, ch=channels, nc=len(names), verbose=False)
    model.names = dict(enumerate(names))
    for part in (*model.model[-1].cv2, *model.model[-1].cv3):  # untrained boxes and scores are all the same
        torch.nn.init.normal_(part[-1].weight, std=spread)
        torch.nn.init.zeros_(part[-1].bias)
    for layer in model.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.momentum = 1.0
    with torch.no_grad():
        model.train()(torch.rand(4, channels, 256, 256) ** 4)  # statistics for the normalisation layers
    return model.eval()


def save_network(path: Path, model: Any) -> Path:
    import torch

    torch.save({"model": model.half(), "train_args": {"task": "detect"}, "epoch": -1}, path)
    return path


def noise_dataset(folder: Path) -> Path:
    """The dataset.yaml of three scans of noise in each split, with a box on each test scan."""
    generator = np.random.default_rng(0)
    for split in ("train", "val", "test"):
        (folder / "images" / split).mkdir(parents=True)
        (folder / "labels" / split).mkdir(parents=True)
        for index in range(3):
            pixels = generator.poisson(20, (1024, 256)).astype(np.uint8)
            Image.fromarray(pixels).save(folder / "images" / split / f"{index}.png")
            boxes = "0 0.5 0.5 0.1 0.1\n1 0.2 0.7 0.1 0.05\n" if split == "test" else ""
            (folder / "labels" / split / f"{index}.txt").write_text(boxes)
    (folder / "dataset.yaml").write_text(
        "train: images/train\nval: images/val\ntest: images/test\nchannels: 1\nnames: {0: abnormal, 1: normal}\n"
    )
    return folder / "dataset.yaml"
