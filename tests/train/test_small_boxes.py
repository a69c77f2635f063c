"""The overlap for small boxes: known values, and what it changes in Ultralytics' loss."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from ultralytics.cfg import get_cfg
from ultralytics.nn.tasks import DetectionModel
from ultralytics.utils.metrics import bbox_iou

from bonescan_yolo.train.small_boxes import SIZE_PX, closeness, use_small_box_loss

EDGES = st.tuples(
    st.floats(0, 200, width=32), st.floats(0, 200, width=32), st.floats(1, 60, width=32), st.floats(1, 60, width=32)
).map(lambda box: (box[0], box[1], box[0] + box[2], box[1] + box[3]))


def close(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    return closeness(torch.tensor([one]), torch.tensor([other])).item()


@pytest.mark.parametrize(
    ("other", "distance_px"),
    [
        ((10, 20, 18, 28), 0.0),
        ((22, 20, 30, 28), 12.0),  # beside it
        ((13, 24, 21, 32), 5.0),  # 3 and 4 pixels off
        ((8, 20, 20, 28), 2.0),  # half of the width is 2 pixels more
    ],
)
def test_distances_are_those_of_the_formula(other: tuple[float, ...], distance_px: float) -> None:
    assert close((10.0, 20.0, 18.0, 28.0), other) == pytest.approx(math.exp(-distance_px / SIZE_PX), abs=1e-4)


@given(EDGES, EDGES)
def test_the_order_of_the_boxes_does_not_matter(one: tuple[float, ...], other: tuple[float, ...]) -> None:
    assert 0 <= close(one, other) <= 1
    assert close(one, other) == pytest.approx(close(other, one), abs=1e-6)


def test_boxes_in_units_of_a_stride_are_measured_in_pixels() -> None:
    one, other = torch.tensor([[8.0, 16.0, 24.0, 40.0]]), torch.tensor([[12.0, 16.0, 20.0, 44.0]])
    in_pixels = closeness(one, other)
    assert closeness(one / 8, other / 8, torch.tensor([[8.0]])) == pytest.approx(in_pixels, abs=1e-6)


@pytest.fixture(scope="module")
def model() -> Any:
    torch.manual_seed(0)
    model: Any = DetectionModel("yolov8n.yaml", ch=1, nc=2, verbose=False).train()
    model.args = get_cfg()
    return model


def test_without_a_share_the_loss_is_that_of_ultralytics(model: Any) -> None:
    batch = {
        "batch_idx": torch.tensor([0.0, 0.0]),
        "cls": torch.tensor([[0.0], [1.0]]),
        "bboxes": torch.tensor([[0.5, 0.5, 0.15, 0.1], [0.3, 0.2, 0.1, 0.05]]),
    }
    answers = model(torch.rand(1, 1, 128, 64))
    stock, same, other = (model.init_criterion() for _ in range(3))
    use_small_box_loss(same, 0.0)
    use_small_box_loss(other, 0.5)
    expected = stock(answers, batch)[0]
    assert torch.equal(same(answers, batch)[0], expected)
    assert not torch.allclose(other(answers, batch)[0], expected)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_cells_are_chosen_and_edges_learnt_by_both_overlaps(model: Any, share: float) -> None:
    criterion = model.init_criterion()
    use_small_box_loss(criterion, share)
    true, found = torch.tensor([[40.0, 40.0, 48.0, 48.0]]), torch.tensor([[44.0, 40.0, 52.0, 48.0]])
    ciou = bbox_iou(true, found, xywh=False, CIoU=True).item()
    overlap = (1 - share) * ciou + share * math.exp(-4 / SIZE_PX)
    assert criterion.assigner.iou_calculation(true, found).item() == pytest.approx(overlap, abs=1e-4)
    of_overlap, _edges = criterion.bbox_loss(
        pred_dist=torch.zeros(1, 1, 64),
        pred_bboxes=found[None] / 8,
        anchor_points=torch.tensor([[5.5, 5.5]]),
        target_bboxes=true[None] / 8,
        target_scores=torch.tensor([[[0.5, 0.0]]]),
        target_scores_sum=torch.tensor(1.0),
        fg_mask=torch.tensor([[True]]),
        imgsz=torch.tensor([128.0, 64.0]),
        stride=torch.tensor([[8.0]]),
    )
    assert of_overlap.item() == pytest.approx(0.5 * (1 - overlap), abs=1e-4)
