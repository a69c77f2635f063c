"""Whole runs on a small data set: what they leave, being killed and resumed, and what is refused before they start."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.files import sha256_of
from bonescan_yolo.model.torch_network import load_network
from bonescan_yolo.output.run_folders import require_folder_for_run
from bonescan_yolo.regions.region_head import build_region_head, region_head_of
from bonescan_yolo.train.averaging import kept_epochs, mean_weights
from bonescan_yolo.train.earlier_run import TRAINING_RUN
from bonescan_yolo.train.run import resume_run, start_run
from bonescan_yolo.train.run_record import read_data_path, read_trained_on
from bonescan_yolo.train.settings import CONFIG_FILE, TrainConfig, shipped_config_with

pytestmark = pytest.mark.slow


def config_for(dataset: Path, out: Path, **changes: Any) -> TrainConfig:
    return shipped_config_with(
        {"data": dataset, "out": out, "device": "cpu", "batch": 4, "epochs": 1, "plots": False, **changes}
    )


@pytest.fixture(scope="module")
def finished_run(tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "finished"
    assert start_run(config_for(tiny_dataset, out)) == out / "weights" / "best.pt"
    return out


def test_a_run_leaves_weights_and_a_record(finished_run: Path, tiny_dataset: Path) -> None:
    record = json.loads((finished_run / "run.json").read_text())
    assert record["config"]["epochs"] == 1
    assert record["data"]["scans"] == {"train": 4, "val": 1, "test": 1}
    assert len(record["data"]["sha256"]) == 64
    assert record["weights"]["best"] == sha256_of(finished_run / "weights" / "best.pt")
    assert record["metrics"]["epoch"] == 1
    assert record["versions"]["torch"] == torch.__version__
    assert read_data_path(finished_run / "weights" / "best.pt") == tiny_dataset
    assert "4 scans" in str(read_trained_on(finished_run / "weights" / "best.pt"))


def test_stock_ultralytics_loads_the_weights_without_this_package(finished_run: Path) -> None:
    code = (
        "import sys; sys.modules['bonescan_yolo.train'] = None\n"
        "from bonescan_yolo.third_party.ultralytics_setup import prepare_ultralytics; prepare_ultralytics()\n"
        "from ultralytics import YOLO\n"
        f"model = YOLO({str(finished_run / 'weights' / 'best.pt')!r})\n"
        "print(model.names, model.model.yaml['channels'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "{0: 'abnormal', 1: 'normal'} 1"


def test_bones_are_learnt_beside_boxes_and_start_another_run(dataset_with_bones: Path, tmp_path: Path) -> None:
    out = tmp_path / "bones"
    best = start_run(config_for(dataset_with_bones, out, region_gain=1.0))
    header, first = ((line.split(",")) for line in (out / "results.csv").read_text().splitlines()[:2])
    assert float(dict(zip(header, first, strict=True))["train/region_loss"]) > 0
    network = load_network(best)
    head = region_head_of(network)
    assert head is not None
    untrained = build_region_head(64)
    assert {name: value.shape for name, value in head.state_dict().items()} == {
        name: value.shape for name, value in untrained.state_dict().items()
    }
    config = config_for(dataset_with_bones, tmp_path / "next", region_gain=1.0, weights=str(best), learning_rate=1e-9)
    tuned = region_head_of(load_network(start_run(config)))
    assert tuned is not None
    name = "features.0.weight"
    torch.testing.assert_close(tuned.state_dict()[name], head.state_dict()[name], atol=1e-3, rtol=1e-3)


def test_stock_ultralytics_reads_with_weights_that_have_a_head(dataset_with_bones: Path, tmp_path: Path) -> None:
    best = start_run(config_for(dataset_with_bones, tmp_path / "bones", region_gain=1.0))
    code = (
        "import sys; sys.modules['bonescan_yolo.train'] = None; sys.modules['bonescan_yolo.regions'] = None\n"
        "from bonescan_yolo.third_party.ultralytics_setup import prepare_ultralytics; prepare_ultralytics()\n"
        "import numpy as np\n"
        "from ultralytics import YOLO\n"
        f"model = YOLO({str(best)!r})\n"
        "found = model.predict(np.zeros((1024, 256, 1), np.uint8), imgsz=(1024, 256), verbose=False)\n"
        "print(len(found))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.splitlines()[-1] == "1"


def test_weights_start_another_run(finished_run: Path, tiny_dataset: Path, tmp_path: Path) -> None:
    weights = finished_run / "weights" / "best.pt"
    config = config_for(tiny_dataset, tmp_path / "next", weights=str(weights), learning_rate=1e-9, warmup_epochs=0)
    tuned = torch.load(start_run(config), weights_only=False)["model"].state_dict()
    start = torch.load(weights, weights_only=False)["model"].state_dict()
    name = "model.0.conv.weight"
    torch.testing.assert_close(tuned[name], start[name], atol=1e-3, rtol=1e-3)


def test_a_finished_run_is_not_resumed(finished_run: Path) -> None:
    with pytest.raises(BonescanError, match="this run is finished"):
        resume_run(finished_run, None)


def test_a_new_run_keeps_the_one_before(finished_run: Path, tiny_dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    (out / "weights").mkdir(parents=True)
    (out / CONFIG_FILE).write_text("{}")
    (out / "weights" / "best.pt").write_bytes(b"days of training")
    start_run(config_for(tiny_dataset, out))
    assert (tmp_path / "run.previous" / "weights" / "best.pt").read_bytes() == b"days of training"


def test_a_killed_run_is_resumed_where_it_was(tiny_dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "killed"
    command = [sys.executable, "-m", "bonescan_yolo.train", "--data", str(tiny_dataset), "--out", str(out)]
    process = subprocess.Popen([*command, "--epochs", "4", "--batch", "4", "--device", "cpu"], stderr=subprocess.PIPE)
    deadline = time.monotonic() + 400
    while not (out / "weights" / "last.pt").exists() and time.monotonic() < deadline:
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        time.sleep(0.1)
    process.kill()
    process.communicate()
    epochs_before = torch.load(out / "weights" / "last.pt", weights_only=False)["epoch"] + 1
    assert not (out / "run.json").exists()
    resume_run(out, "cpu")
    results = (out / "results.csv").read_text().splitlines()
    epochs = [int(float(line.split(",")[0])) for line in results[1:]]
    assert epochs == [1, 2, 3, 4]
    assert epochs_before < 4
    assert json.loads((out / "run.json").read_text())["config"]["epochs"] == 4


def test_the_mean_of_the_last_epochs_becomes_the_best_weights(tiny_dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "averaged"
    best = start_run(config_for(tiny_dataset, out, epochs=3, average_epochs=2, plots=True, warmup_epochs=0))
    kept = kept_epochs(out / "weights" / "epochs")
    assert [path.name for path in kept] == ["0001.pt", "0002.pt"]
    weights = torch.load(best, weights_only=False)["model"].state_dict()
    for name, value in mean_weights(kept).items():
        torch.testing.assert_close(weights[name].float(), value.float(), atol=1e-3, rtol=1e-3)
    last = torch.load(kept[-1], weights_only=True)
    assert not torch.equal(weights["model.0.conv.weight"], last["model.0.conv.weight"])
    record = json.loads((out / "run.json").read_text())
    assert record["metrics"]["epochs_averaged"] == 2
    assert record["metrics"]["epochs_run"] == 3
    assert 0 <= record["metrics"]["metrics/mAP50(B)"] <= 1
    assert record["weights"]["best"] == sha256_of(best)
    require_folder_for_run(
        out, Path("scratch"), TRAINING_RUN
    )  # knows every file of it, plots too: another run may follow


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"data": None}, "--data: is missing"),
        ({"data": "missing/dataset.yaml"}, r"missing/dataset\.yaml: cannot be read"),
        ({"device": "7"}, "device 7: this machine has"),
        ({"weights": "missing.pt"}, r"missing\.pt: does not exist"),
        ({"region_gain": 1.0}, r"region_gain: no training scan of .* has bones; simulate with --regions"),
        ({"region_gain": 1.0, "model": "yolov8n-p2"}, "region_gain: yolov8n-p2 has no head for bones"),
    ],
)
def test_what_is_missing_is_told_before_anything_is_written(
    tiny_dataset: Path, tmp_path: Path, changes: dict[str, Any], expected: str
) -> None:
    out = tmp_path / "run"
    with pytest.raises(BonescanError, match=expected):
        start_run(config_for(tiny_dataset, out, **changes))
    assert not out.exists()


def test_nothing_to_resume_is_told(tmp_path: Path) -> None:
    with pytest.raises(BonescanError, match="has no run to resume"):
        resume_run(tmp_path, None)
