"""An overlap for boxes of a few pixels: the normalised Wasserstein distance.

J. Wang et al., A Normalized Gaussian Wasserstein Distance for Tiny Object Detection (arXiv 2110.13389, 2021). A box
becomes the normal distribution with its centre and half of its sides as standard deviations. The distance of two of
them falls off slowly, while the IoU of two boxes of 8 pixels is 0.33 as soon as they are 4 pixels apart.
"""

from __future__ import annotations

from typing import Any, Final

import torch
from ultralytics.utils.loss import BboxLoss
from ultralytics.utils.tal import TaskAlignedAssigner

SIZE_PX: Final = 12.0
"""Distance at which the closeness is 1/e; the paper takes the mean size of the boxes, here about the median side."""

LEAST_SQUARED: Final = 1e-7
"""Added to a squared distance, because the slope of the root at 0 is infinite."""


def closeness(one: torch.Tensor, other: torch.Tensor, unit: torch.Tensor | float = 1.0) -> torch.Tensor:
    """Return how close boxes are, from 0 to 1: exp(-W / 12 px) with the Wasserstein distance W.

    Args:
        one: boxes x1 y1 x2 y2, float (N, 4).
        other: the boxes to compare them with, in the same order and unit.
        unit: pixels per unit, one number or float (N, 1); boxes of a level of the network are in units of its stride.

    Returns:
        float (N, 1).

    Examples:
        >>> import torch
        >>> from bonescan_yolo.train.small_boxes import closeness
        >>> round(closeness(torch.tensor([[0.0, 0, 8, 8]]), torch.tensor([[4.0, 0, 12, 8]])).item(), 3)  # 4 px apart
        0.717
    """
    centres = (one[..., :2] + one[..., 2:] - other[..., :2] - other[..., 2:]) / 2
    half_sides = (one[..., 2:] - one[..., :2] - other[..., 2:] + other[..., :2]) / 2
    squared = (centres**2 + half_sides**2).sum(-1, keepdim=True)
    return torch.exp(-torch.sqrt(squared + LEAST_SQUARED) * unit / SIZE_PX)


class SmallBoxAssigner(TaskAlignedAssigner):  # type: ignore[misc]
    """Chooses the cells that learn a box by both overlaps."""

    def __init__(self, share: float, stock: TaskAlignedAssigner, strides: list[float]) -> None:
        """Take the share of the closeness in the overlap, and the rest from Ultralytics' assigner."""
        super().__init__(
            topk=stock.topk, num_classes=stock.num_classes, alpha=stock.alpha, beta=stock.beta, stride=strides
        )
        self.share = share

    def iou_calculation(self, gt_bboxes: torch.Tensor, pd_bboxes: torch.Tensor) -> torch.Tensor:
        """Return the overlap of boxes (N, 4) in pixels with the predicted ones, (N,)."""
        iou: torch.Tensor = super().iou_calculation(gt_bboxes, pd_bboxes)
        return (1 - self.share) * iou + self.share * closeness(gt_bboxes, pd_bboxes).squeeze(-1)


class SmallBoxLoss(BboxLoss):  # type: ignore[misc]
    """Asks for edges by both overlaps."""

    def __init__(self, share: float, reg_max: int) -> None:
        """Take the share of the closeness in the overlap, and the number of steps of an edge."""
        super().__init__(reg_max)
        self.share = share

    def forward(  # noqa: PLR0917 - Ultralytics' arguments
        self,
        pred_dist: torch.Tensor,
        pred_bboxes: torch.Tensor,
        anchor_points: torch.Tensor,
        target_bboxes: torch.Tensor,
        target_scores: torch.Tensor,
        target_scores_sum: torch.Tensor,
        fg_mask: torch.Tensor,
        imgsz: torch.Tensor,
        stride: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the losses of overlap and of edges, as Ultralytics' loss; boxes are in units of their strides."""
        by_iou, of_edges = super().forward(
            pred_dist,
            pred_bboxes,
            anchor_points,
            target_bboxes,
            target_scores,
            target_scores_sum,
            fg_mask,
            imgsz,
            stride,
        )
        chosen = fg_mask.nonzero(as_tuple=True)
        weight = target_scores[chosen].sum(-1, keepdim=True)
        near = closeness(pred_bboxes[chosen], target_bboxes[chosen], stride[chosen[1]])
        by_distance = ((1.0 - near) * weight).sum() / target_scores_sum
        return (1 - self.share) * by_iou + self.share * by_distance, of_edges


def use_small_box_loss(criterion: Any, share: float) -> None:
    """Let a loss of Ultralytics (`v8DetectionLoss`) overlap boxes by both rules.

    Args:
        criterion: the loss, changed.
        share: of the closeness, 0 to 1; the rest is IoU (CIoU), as in stock Ultralytics.
    """
    criterion.assigner = SmallBoxAssigner(share, criterion.assigner, criterion.stride.tolist())
    criterion.bbox_loss = SmallBoxLoss(share, criterion.reg_max).to(criterion.device)
