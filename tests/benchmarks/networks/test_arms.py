"""The arms are settings of training, and their networks can be built."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from benchmarks.networks.arms import ARMS, DESCRIPTIONS, Run, settings_of
from bonescan_yolo.regions.region_head import add_region_head, region_head_of
from bonescan_yolo.third_party.ultralytics_setup import prepare_ultralytics
from bonescan_yolo.train.settings import shipped_config_with

NAMES = tuple(yaml.safe_load(ARMS.read_text(encoding="utf-8"))["arms"])


@pytest.mark.parametrize("name", NAMES)
def test_an_arm_is_a_setting_of_training(name: str) -> None:
    config = shipped_config_with(settings_of(Run(name, seed=2)))
    assert config.seed == 2
    assert config.average_epochs == 4
    assert Path(config.model).is_file() or config.model == "yolov8n"


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(DESCRIPTIONS.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_network_can_see_bones_and_has_no_stride_of_32(path: Path) -> None:
    prepare_ultralytics()
    from ultralytics.nn.tasks import DetectionModel

    network = DetectionModel(str(path), ch=1, nc=2, verbose=False)
    add_region_head(network)
    assert region_head_of(network) is not None
    assert network.model[-1].stride.tolist() == [8, 16]
    assert network.model[-1].reg_max == 8
