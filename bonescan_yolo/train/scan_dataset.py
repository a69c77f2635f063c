"""The data set for training and validation: every scan at 1024 x 256.

Ultralytics trains on squares. For a scan four times as high as wide they are three quarters empty. Its `rect` option
would give 1024 x 256 batches, but it stops shuffling as soon as one scan has another shape, validates at a different
size than it trains at, and does not work with several GPUs. Transforms of a fixed output size, used in place of its
own, avoid these limits.
"""

from __future__ import annotations

from typing import Any

from ultralytics.data.augment import Compose, Format, LetterBox
from ultralytics.data.dataset import YOLODataset
from ultralytics.utils import IterableSimpleNamespace

from bonescan_yolo.model.card import INPUT_HEIGHT, INPUT_WIDTH
from bonescan_yolo.train.augment import CameraAndDisplay, Crop, Flip, ShiftAndScale, ToTones
from bonescan_yolo.train.settings import AugmentationConfig


class ScanDataset(YOLODataset):  # type: ignore[misc]
    """Scans and boxes in Ultralytics' form, each fitted into 1024 x 256 without distortion."""

    def __init__(self, augmentation: AugmentationConfig, **arguments: Any) -> None:
        """Take the augmentation, and Ultralytics' own arguments, which are passed through."""
        self.augmentation = augmentation  # before the parent's __init__, which builds the transforms
        super().__init__(**arguments)

    def build_transforms(self, hyp: IterableSimpleNamespace) -> Compose:  # noqa: ARG002 Ultralytics' signature
        """Return the transforms of a scan between the disk and the batch."""
        steps: list[Any] = [LetterBox(new_shape=(INPUT_HEIGHT, INPUT_WIDTH), padding_value=0)]
        if self.augment:
            steps += [
                ShiftAndScale(self.augmentation.shift, self.augmentation.scale),
                Flip(self.augmentation.flip),
                CameraAndDisplay(self.augmentation),
                ToTones(self.augmentation.tone_spread),
            ]
            if self.augmentation.crop is not None:
                steps.append(Crop(*self.augmentation.crop))
        else:
            steps.append(ToTones(spread=1.0))
        steps.append(Format(bbox_format="xywh", normalize=True, batch_idx=True))
        return Compose(steps)
