"""Which network is trained: by name, by description, or that of the weights."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.model.torch_network import load_network
from bonescan_yolo.third_party.ultralytics_setup import prepare_ultralytics
from bonescan_yolo.train.network_choice import AUTO, are_alike, build, describe_network, write_description

ROOT = Path(__file__).parents[2]
WEIGHTS = ROOT / "weights" / "bonescan.pt"


@pytest.fixture(autouse=True)
def _prepared() -> None:
    prepare_ultralytics()


def parameters(description: dict[str, object]) -> int:
    return sum(value.numel() for value in build(description).parameters())


def test_a_name_is_that_network_of_ultralytics() -> None:
    assert 2_900_000 < parameters(describe_network("yolov8n", None)) < 3_100_000
    assert parameters(describe_network("yolov8s", None)) > 10_000_000


@pytest.mark.parametrize("name", ["yolov8s", "yolov8n-p2"])
def test_a_run_keeps_a_description_that_gives_the_same_network(name: str, tmp_path: Path) -> None:
    description = describe_network(name, None)
    read = describe_network(str(write_description(tmp_path, description)), None)
    assert are_alike(read, description)
    assert parameters(read) == parameters(describe_network(name, None))


def test_auto_is_the_network_of_the_weights() -> None:
    description = describe_network(AUTO, WEIGHTS)
    given = load_network(WEIGHTS).state_dict()
    built = build(description).state_dict()
    assert all(built[name].shape == given[name].shape for name in built)
    assert are_alike(description, describe_network(AUTO, WEIGHTS))
    assert not are_alike(description, describe_network("yolov8s", None))


def test_from_nothing_auto_is_the_shipped_description() -> None:
    shipped = yaml.safe_load((ROOT / "configs" / "network.yaml").read_text(encoding="utf-8"))
    assert are_alike(describe_network(AUTO, None), shipped)


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ("backbone: [", "mine.yaml"),
        ("layers: 3", "mine.yaml: describes no network of YOLOv8"),
        ("nc: 2\nbackbone: [[-1, 1, Covn, [16, 3, 2]]]\nhead: []", "mine.yaml: describes no network of YOLOv8"),
        ("nc: 2\nbackbone: [[-1, 1, Conv, [16, 3, 2]]]\nhead: []", "mine.yaml: describes no network of YOLOv8"),
    ],
)
def test_what_describes_no_network_is_refused_in_a_line(content: str, match: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BonescanError, match=match) as caught:
        describe_network(str(path), None)
    assert "\n" not in str(caught.value)


def test_a_missing_description_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BonescanError, match=r"mine\.yaml"):
        describe_network(str(tmp_path / "mine.yaml"), None)
