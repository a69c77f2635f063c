"""A light head that says which bones are under each place, beside the boxes of a YOLOv8 network.

It reads the scan itself, for the edges, and the finest of the features in which the network looks for boxes, at stride
8: all coarser ones have flowed into them, so they know where in the body they are. It is made of torch's own layers and
is an attribute of the network, so stock Ultralytics loads, exports and reads the network as before.
"""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import nn
from torch.nn import functional

from bonescan_yolo.regions.region_map import STRIDE
from bonescan_yolo.regions.region_names import BONES

ATTRIBUTE: Final = "region_head"
"""Of the network."""

FEATURE_STRIDE: Final = 8
EDGE_WIDTHS: Final = (8, 16)
FEATURE_WIDTH: Final = 48
WIDTH: Final = 48
"""Channels: of the scan at strides 2 and 4, of the features, and of both together."""

RARE: Final = -4.6
"""Logit of 1 %, about the part of a view that a bone covers: so the head begins."""


def add_region_head(network: Any) -> None:
    """Give a network an untrained head; one that is there already stays.

    Raises:
        ValueError: the network looks for boxes at another stride than FEATURE_STRIDE first.
    """
    if hasattr(network, ATTRIBUTE):
        return
    boxes = network.model[-1]
    if int(boxes.stride[0]) != FEATURE_STRIDE:
        raise ValueError(f"the network's finest boxes are at stride {int(boxes.stride[0])}, not {FEATURE_STRIDE}")
    setattr(network, ATTRIBUTE, build_region_head(boxes.cv2[0][0].conv.in_channels))


def region_head_of(network: Any) -> nn.ModuleDict | None:
    """Return a network's head; None if it has none."""
    head: nn.ModuleDict | None = getattr(network, ATTRIBUTE, None)
    return head


def build_region_head(feature_channels: int) -> nn.ModuleDict:
    """Return an untrained head for features with this number of channels."""
    half, quarter = EDGE_WIDTHS
    both = quarter + FEATURE_WIDTH
    last = nn.Conv2d(WIDTH, len(BONES), 1)
    nn.init.constant_(last.bias, RARE)  # type: ignore[arg-type]
    return nn.ModuleDict(
        {
            "edges": nn.Sequential(*_layer(1, half, stride=2), *_layer(half, quarter, stride=2)),
            "features": nn.Sequential(nn.Conv2d(feature_channels, FEATURE_WIDTH, 1)),
            "bones": nn.Sequential(
                nn.SiLU(),
                nn.Conv2d(both, both, 3, padding=1, groups=both, bias=False),
                nn.Conv2d(both, WIDTH, 1, bias=False),
                nn.BatchNorm2d(WIDTH, eps=1e-3, momentum=0.03),
                nn.SiLU(),
                last,
            ),
        }
    )


def _layer(given: int, made: int, stride: int) -> tuple[nn.Module, ...]:
    """Return a convolution as YOLOv8 has them."""
    return (
        nn.Conv2d(given, made, 3, stride, padding=1, bias=False),
        nn.BatchNorm2d(made, eps=1e-3, momentum=0.03),
        nn.SiLU(),
    )


def region_logits(head: nn.ModuleDict, tones: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
    """Return the logit of each of BONES in each cell of a scan.

    Args:
        head: as of `build_region_head`.
        tones: (batch, 1, height, width) what the network read.
        features: (batch, channels, height / 8, width / 8) those of its finest level (`feats` of its raw output).

    Returns:
        (batch, bones, height / STRIDE, width / STRIDE).
    """
    coarse = functional.interpolate(head["features"](features), scale_factor=float(FEATURE_STRIDE // STRIDE))
    logits: torch.Tensor = head["bones"](torch.cat([head["edges"](tones), coarse], dim=1))
    return logits


class RegionLogits(nn.Module):
    """`region_logits` as a module, which can be traced. It is in no file of weights."""

    def __init__(self, head: nn.ModuleDict) -> None:
        """Take the head, which is in inference mode."""
        super().__init__()
        self.head = head
        self.eval()

    def forward(self, tones: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        """See `region_logits`."""
        return region_logits(self.head, tones, features)
