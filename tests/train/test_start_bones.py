"""Start weights that see bones: what they see is kept, and the fine-tuned network goes on seeing it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from bonescan_yolo.dataset.dataset_yaml import bones_path, read_dataset
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.model.torch_network import load_network
from bonescan_yolo.output.run_folders import require_folder_for_run
from bonescan_yolo.regions.bone_files import read_map
from bonescan_yolo.regions.region_head import region_head_of
from bonescan_yolo.regions.seen_bones import cover_of
from bonescan_yolo.scan import Scan
from bonescan_yolo.train.earlier_run import TRAINING_RUN
from bonescan_yolo.train.kept_bones import KEPT_FOLDER, kept_map_path
from bonescan_yolo.train.network_choice import Description, describe_network
from bonescan_yolo.train.run import start_run
from bonescan_yolo.train.settings import CONFIG_FILE, read_stored_config, shipped_config_with
from bonescan_yolo.train.start_bones import (
    FAINT,
    KEPT_GAIN,
    KEPT_SHARE,
    network_that_sees_bones,
    settle_bones,
    write_kept_maps,
)
from tests.export.factories import save_weights, save_weights_with_bones
from tests.train.test_run import config_for


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Untrained weights with a head that says something else of each cell."""
    return save_weights_with_bones(tmp_path_factory.mktemp("start") / "best.pt")


@pytest.fixture(scope="module")
def tuned(start: Path, tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run from these weights on scans without bones."""
    out = tmp_path_factory.mktemp("runs") / "tuned"
    start_run(config_for(tiny_dataset, out, weights=str(start), learning_rate=1e-6, region_share=1.0))
    return out


def settled(gain: float | None, share: float | None, start: Any | None, network: Description) -> tuple[float, float]:
    config = settle_bones(shipped_config_with({"region_gain": gain, "region_share": share}), start, network)
    assert config.region_gain is not None
    assert config.region_share is not None
    return config.region_gain, config.region_share


def test_null_keeps_bones_if_the_start_weights_see_them(start: Path, tmp_path: Path) -> None:
    seeing = network_that_sees_bones(start, trust=False)
    same, wider = (describe_network(model, start) for model in ("auto", "yolov8s"))
    assert settled(None, None, seeing, same) == (KEPT_GAIN, KEPT_SHARE)
    assert settled(0.5, 0.75, seeing, same) == (0.5, 0.75)
    assert settled(0.0, None, seeing, same)[0] == 0
    assert settled(0.5, None, None, same) == (0.5, 1)
    assert settled(None, None, seeing, wider)[0] == 0  # its features do not fit the head
    assert settled(None, None, seeing, describe_network("yolov8n-p2", None))[0] == 0
    assert settled(None, None, network_that_sees_bones(None, trust=False), same) == (0, 1)
    assert network_that_sees_bones(save_weights(tmp_path / "plain.pt"), trust=False) is None


def test_a_kept_map_is_what_the_start_weights_see(start: Path, dataset_with_bones: Path, tmp_path: Path) -> None:
    network, dataset = network_that_sees_bones(start, trust=False), read_dataset(dataset_with_bones)
    (tmp_path / f"{'0' * 16}.npz").write_bytes(b"of an earlier run")
    write_kept_maps(network, dataset, tmp_path)
    without = [image for image in dataset.images["train"] if not bones_path(image).is_file()]
    assert len(without) == 2
    assert {path.name for path in tmp_path.iterdir()} == {kept_map_path(tmp_path, image).name for image in without}
    with Image.open(without[1]) as picture:
        seen = cover_of(network, np.asarray(picture))
    kept = read_map(kept_map_path(tmp_path, without[1])).transpose(2, 0, 1)
    np.testing.assert_array_equal(kept, np.where(seen < FAINT, 0, seen))
    write_kept_maps(None, dataset, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_scan_without_a_body_or_that_cannot_be_read_has_no_map(
    start: Path, tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bonescan_yolo.train import start_bones

    network, dataset = network_that_sees_bones(start, trust=False), read_dataset(tiny_dataset)
    damaged = tmp_path / "images" / "1.png"
    damaged.parent.mkdir()
    damaged.write_bytes(b"no picture")
    dataset.images["train"] = (damaged, *dataset.images["train"][:1])
    monkeypatch.setattr(start_bones, "cover_of", lambda network, frame: np.zeros((66, 256, 64), np.uint8))
    write_kept_maps(network, dataset, tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


@pytest.mark.slow
def test_a_fine_tuned_network_keeps_its_head_and_learns_what_the_start_weights_see(start: Path, tuned: Path) -> None:
    stored = read_stored_config(tuned / CONFIG_FILE)
    assert (stored.region_gain, stored.region_share) == (KEPT_GAIN, 1)
    before, after = (region_head_of(load_network(path)) for path in (start, tuned / "weights" / "best.pt"))
    assert before is not None
    assert after is not None
    for (name, values), other in zip(before.named_parameters(), after.parameters(), strict=True):
        torch.testing.assert_close(other, values, atol=2e-3, rtol=2e-3, msg=name)
    header, first = ((line.split(",")) for line in (tuned / "results.csv").read_text().splitlines()[:2])
    assert float(dict(zip(header, first, strict=True))["train/region_loss"]) > 0
    assert len(list((tuned / KEPT_FOLDER).iterdir())) == 4
    require_folder_for_run(tuned, Path("scratch"), TRAINING_RUN)  # another run may follow


@pytest.mark.slow
def test_files_of_a_fine_tuned_network_say_where_a_box_is(tuned: Path, tiny_dataset: Path, tmp_path: Path) -> None:
    from bonescan_yolo.export.exporting import export

    best = tuned / "weights" / "best.pt"
    done = export(best, tmp_path / "model.onnx", tiny_dataset, ModelCard(trained_on="noise"), kinds=("stock", "app"))
    with Image.open(read_dataset(tiny_dataset).images["val"][0]) as picture:
        reading = Detector(done.files[1].path, 0.001, regions=True).read(Scan(np.asarray(picture)))
    assert reading.cover is not None
    assert reading.sites is not None
    assert 0 < len(reading.sites) == len(reading.boxes)


@pytest.mark.slow
def test_zero_drops_the_head(start: Path, tiny_dataset: Path, tmp_path: Path) -> None:
    best = start_run(config_for(tiny_dataset, tmp_path / "run", weights=str(start), region_gain=0.0))
    assert region_head_of(torch.load(best, weights_only=False)["model"]) is None
    assert not (tmp_path / "run" / KEPT_FOLDER).exists()
