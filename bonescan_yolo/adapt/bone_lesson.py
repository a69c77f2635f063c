"""Bones in an adaptation: a network that sees them is to go on seeing what the start model sees.

Annotated scans of a hospital do not say where the bones are. Without this lesson the features would move away from
under the head for bones, which the boxes do not train.
"""

from __future__ import annotations

from typing import Any, Final

import torch

from bonescan_yolo.adapt.lessons import Forward, Lesson
from bonescan_yolo.regions.region_head import region_head_of, region_logits
from bonescan_yolo.regions.region_map import WHOLE
from bonescan_yolo.train.region_loss import region_loss
from bonescan_yolo.train.start_bones import FAINT, KEPT_GAIN, LEAST_COVER

TAUGHT: Final = (0, -1)
"""Places in a batch of the scans of which bones are taught: one of the user's, and a simulated one if there are any.
With these two a step of eight takes a fifth longer."""


class BoneLesson:
    """Another lesson, and the bones that the start model sees on some scans of its batch."""

    def __init__(self, lesson: Lesson, network: Any, start: Any) -> None:
        """Take the other lesson, the network that is trained, and the start model; both have a head for bones.

        Args:
            lesson: gives its whole batch to the network at once.
            network: that is trained.
            start: another one of `load_network`, which is not trained.
        """
        self._lesson = lesson
        self._network = network
        self._start = start.to(memory_format=torch.channels_last).requires_grad_(False).eval()

    def __call__(self, forward: Forward) -> torch.Tensor:
        """See Lesson."""
        seen: list[tuple[torch.Tensor, Any]] = []

        def watched(tones: torch.Tensor) -> Any:
            raw = forward(tones)
            seen.append((tones, raw))
            return raw

        loss = self._lesson(watched)
        tones, raw = seen[0]
        return loss + KEPT_GAIN * len(tones) * self._of_bones(tones, raw["feats"][0])

    def _of_bones(self, tones: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        """Return the loss of the bones on the taught scans that show a body."""
        places = sorted({place % len(tones) for place in TAUGHT})
        maps = self._expected(tones[places])
        least = LEAST_COVER * WHOLE * maps[0, 0].numel()
        rows = [row for row, bones in enumerate(maps) if int(bones.sum()) >= least]
        if not rows:
            return torch.zeros(())
        taught = [places[row] for row in rows]
        head = region_head_of(self._network)
        if head is None:
            raise TypeError("the network has no head for bones")
        return region_loss(region_logits(head, tones[taught], features[taught].float()), maps[rows])

    def _expected(self, tones: torch.Tensor) -> torch.Tensor:
        """Return what the start model sees: (scans, bones, rows, columns) uint8 parts of WHOLE."""
        head = region_head_of(self._start)
        if head is None:
            raise TypeError("the start model has no head for bones")
        with torch.no_grad():
            logits = region_logits(head, tones, self._start(tones)[1]["feats"][0])
        cover = (logits.sigmoid() * WHOLE).round()
        return torch.where(cover < FAINT, 0, cover).to(torch.uint8)
