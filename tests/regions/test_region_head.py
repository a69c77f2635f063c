"""The head for bones: beside the network, which goes on as before."""

from __future__ import annotations

import pytest

from bonescan_yolo.third_party.ultralytics_setup import prepare_ultralytics

prepare_ultralytics()  # before ultralytics is imported

import torch  # noqa: E402
from ultralytics.nn.tasks import DetectionModel  # noqa: E402

from bonescan_yolo.regions.region_head import add_region_head, region_head_of, region_logits  # noqa: E402
from bonescan_yolo.regions.region_map import STRIDE  # noqa: E402
from bonescan_yolo.regions.region_names import BONES  # noqa: E402


def network_of(name: str = "yolov8n.yaml") -> torch.nn.Module:
    torch.manual_seed(0)
    network: torch.nn.Module = DetectionModel(name, ch=1, nc=2, verbose=False).eval()
    return network


def test_a_head_gives_a_logit_for_every_bone_and_cell_and_begins_rare() -> None:
    network = network_of()
    add_region_head(network)
    head = region_head_of(network)
    assert head is not None
    head.eval()
    tones = torch.rand(2, 1, 128, 64)
    with torch.inference_mode():
        logits = region_logits(head, tones, network(tones)[1]["feats"][0])
    assert logits.shape == (2, len(BONES), 128 // STRIDE, 64 // STRIDE)
    assert float(logits.sigmoid().mean()) == pytest.approx(0.01, abs=0.01)


def test_the_network_itself_goes_on_as_before() -> None:
    plain, headed = network_of(), network_of()
    add_region_head(headed)
    tones = torch.rand(1, 1, 128, 64)
    with torch.inference_mode():
        assert torch.equal(plain(tones)[0], headed(tones)[0])
    assert region_head_of(plain) is None


def test_a_head_that_is_there_stays() -> None:
    network = network_of()
    add_region_head(network)
    head = region_head_of(network)
    add_region_head(network)
    assert region_head_of(network) is head


def test_a_network_without_a_level_for_it_is_refused() -> None:
    with pytest.raises(ValueError, match="at stride 4, not 8"):
        add_region_head(network_of("yolov8n-p2.yaml"))
