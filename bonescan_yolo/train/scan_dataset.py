"""The data set for training and validation: every scan as prediction reads it, at 1024 x 256.

Ultralytics reads pictures with OpenCV, which takes the upper byte of 16 bit (a scan of counts becomes black), weights
the channels of colour and does not know scans whose hot spots are dark. Here the one reader of scans reads them, so
that training sees what prediction sees, also on a data set that this project has not converted.

Ultralytics trains on squares. For a scan four times as high as wide they are three quarters empty. Its `rect` option
would give 1024 x 256 batches, but it stops shuffling as soon as one scan has another shape, validates at a different
size than it trains at, and does not work with several GPUs. Transforms of a fixed output size, used in place of its
own, avoid these limits.
"""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from ultralytics.data.augment import Compose, Format, LetterBox
from ultralytics.data.dataset import YOLODataset
from ultralytics.utils import LOGGER, IterableSimpleNamespace

from bonescan_yolo.dataset.dataset_yaml import bones_path
from bonescan_yolo.dataset.scan_pixels import read_grey
from bonescan_yolo.model.card import INPUT_HEIGHT, INPUT_WIDTH
from bonescan_yolo.regions.bone_files import read_map
from bonescan_yolo.train.augment import BONES, ToTones, random_changes
from bonescan_yolo.train.kept_bones import kept_map_path
from bonescan_yolo.train.settings import AugmentationConfig

Shape = tuple[int, int]
"""Height and width in pixels."""

BONES_OF = "bones_of"
"""Key of a batch: which of its scans have a map of their bones."""

SHOWN = 3
"""Reasons that are printed for scans that cannot be used."""


class ScanDataset(YOLODataset):  # type: ignore[misc]
    """Scans and boxes in Ultralytics' form, each fitted into 1024 x 256 without distortion."""

    ims: list[Any]
    im_hw0: list[Any]
    im_hw: list[Any]
    im_files: list[str]
    labels: list[dict[str, Any]]

    def __init__(
        self, augmentation: AugmentationConfig, kept_bones: Path, bones_share: float = 0.0, **arguments: Any
    ) -> None:
        """Take the augmentation, and Ultralytics' own arguments, which are passed through.

        Args:
            augmentation: of training scans.
            kept_bones: folder of the maps that the start weights gave (`train.kept_bones`); may be missing.
            bones_share: part of the scans with a map of their bones that come with it, drawn each time.
            **arguments: of Ultralytics' data set.
        """
        self.augmentation = augmentation  # before the parent's __init__, which builds the transforms
        self.kept_bones = kept_bones
        self.bones_share = bones_share
        super().__init__(**arguments)

    def get_labels(self) -> list[dict[str, Any]]:
        """Return the labels; warn of scans that Ultralytics leaves out because they or their labels are damaged."""
        before = list(self.im_files)
        labels: list[dict[str, Any]] = super().get_labels()
        left_out = sorted(set(before) - {str(label["im_file"]) for label in labels})
        if left_out:
            shown = ", ".join(left_out[:SHOWN]) + (", ..." if len(left_out) > SHOWN else "")
            LOGGER.warning(f"{self.prefix}{len(left_out)} scans or labels cannot be used and are left out: {shown}")
        return labels

    def get_image_and_label(self, index: int) -> dict[str, Any]:
        """Return a scan and its boxes in Ultralytics' form, with the map of its bones if there is one."""
        labels: dict[str, Any] = super().get_image_and_label(index)
        if self.bones_share and random.random() < self.bones_share:
            path = self._map_path(Path(self.im_files[index]), labels["img"].shape[:2] == (INPUT_HEIGHT, INPUT_WIDTH))
            if path is not None:
                labels[BONES] = read_map(path)
        return labels

    def _map_path(self, image: Path, of_frame: bool) -> Path | None:
        """Return the map of a scan in the frame: the data set's, if the scan has the frame's size; else the kept one.

        A kept map is of the scan as it was fitted into the frame.
        """
        own, kept = bones_path(image), kept_map_path(self.kept_bones, image)
        if of_frame and own.is_file():
            return own
        return kept if kept.is_file() else None

    @staticmethod
    def collate_fn(batch: list[dict[str, Any]]) -> dict[str, Any]:
        """Return scans as one batch; maps of bones, (n, bones, rows, columns) uint8, are under BONES.

        Under BONES_OF are the places in the batch of the scans that have one.
        """
        maps = {place: labels.pop(BONES) for place, labels in enumerate(batch) if BONES in labels}
        collated: dict[str, Any] = YOLODataset.collate_fn(batch)
        if maps:
            collated[BONES] = torch.from_numpy(np.stack(list(maps.values())).transpose(0, 3, 1, 2))
            collated[BONES_OF] = torch.tensor(list(maps))
        return collated

    def load_image(
        self,
        i: int,
        rect_mode: bool = True,  # noqa: ARG002 Ultralytics' signature
        resize_short: bool = False,  # noqa: ARG002 Ultralytics' signature
    ) -> tuple[NDArray[np.uint8], Shape, Shape]:
        """Return a scan (height, width, 1), its longer side at the size of training, and its shapes before and after.

        Files that Ultralytics saved beside the images (`*.npy`) are not read: they are of its own reader.

        Raises:
            DatasetError: the file cannot be read, holds several scans, or had to be turned, so that its labels do not
                fit it.
        """
        if self.ims[i] is None:
            grey = read_grey(Path(self.im_files[i]), self.labels[i].get("shape"))
            height, width = grey.shape
            image = _with_longer_side(grey, self.imgsz if isinstance(self.imgsz, int) else max(self.imgsz))[..., None]
            shapes = (height, width), (image.shape[0], image.shape[1])
            if self.augment and self.cache != "ram":
                self._keep(i, image, *shapes)
            return image, *shapes
        return self.ims[i], self.im_hw0[i], self.im_hw[i]

    def _keep(self, i: int, image: NDArray[np.uint8], original: Shape, resized: Shape) -> None:
        """Keep an image in memory, and drop the oldest of as many as Ultralytics keeps."""
        self.ims[i], self.im_hw0[i], self.im_hw[i] = image, original, resized
        self.buffer.append(i)
        if 1 < len(self.buffer) >= self.max_buffer_length:
            oldest = self.buffer.pop(0)
            self.ims[oldest], self.im_hw0[oldest], self.im_hw[oldest] = None, None, None

    def show_whole(self) -> None:
        """Train on whole scans from now on, not on windows."""
        self.augmentation = self.augmentation.model_copy(update={"crop": None})
        self.transforms = self.build_transforms(IterableSimpleNamespace())

    def build_transforms(self, hyp: IterableSimpleNamespace) -> Compose:  # noqa: ARG002 Ultralytics' signature
        """Return the transforms of a scan between the disk and the batch."""
        steps: list[Any] = [_into_frame()]
        if self.augment:
            steps += random_changes(self.augmentation)
        else:
            steps.append(ToTones(spread=1.0))
        steps.append(Format(bbox_format="xywh", normalize=True, batch_idx=True))
        return Compose(steps)


def frame_of(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a scan (height, width) in the frame, (input height, input width), as training sees it before changes."""
    fitted: NDArray[np.uint8] = _into_frame()(image=_with_longer_side(grey, INPUT_HEIGHT)[..., None])
    return fitted[..., 0]


def _into_frame() -> LetterBox:
    return LetterBox(new_shape=(INPUT_HEIGHT, INPUT_WIDTH), padding_value=0)


def _with_longer_side(grey: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return an image scaled as Ultralytics scales it: its longer side becomes `side` pixels."""
    height, width = grey.shape
    ratio = side / max(height, width)
    if ratio == 1:
        return grey
    size = (min(math.ceil(width * ratio), side), min(math.ceil(height * ratio), side))
    return cv2.resize(grey, size, interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)
