"""MLflow and TensorBoard: when they count as switched on, and what they are handed."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.third_party.trackers import log_figures, switched_on

ADDRESS = "file:runs/mlflow"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the user's settings file of Ultralytics, which is not there yet."""
    monkeypatch.setenv("YOLO_CONFIG_DIR", str(tmp_path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    path = tmp_path / "Ultralytics" / "settings.json"
    path.parent.mkdir()
    return path


@pytest.mark.parametrize(
    ("content", "address", "expected"),
    [
        (None, None, ()),
        (None, ADDRESS, ("mlflow",)),
        ({"mlflow": True}, None, ()),
        ({"mlflow": False}, ADDRESS, ()),
        ({"tensorboard": True}, None, ("tensorboard",)),
        ({"mlflow": True, "tensorboard": True}, ADDRESS, ("mlflow", "tensorboard")),
    ],
)
def test_switched_on(
    settings: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: dict[str, bool] | None,
    address: str | None,
    expected: tuple[str, ...],
) -> None:
    if content is not None:
        settings.write_text(json.dumps(content))
    if address is not None:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    assert switched_on() == expected


def test_damaged_settings_switch_nothing_on(settings: Path) -> None:
    settings.write_text("{")
    assert switched_on() == ()


def test_what_mlflow_is_handed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    handed: list[object] = []

    @contextlib.contextmanager
    def start_run(run_name: str) -> Iterator[None]:
        handed.append(run_name)
        yield

    mlflow = ModuleType("mlflow")
    mlflow.__dict__.update(
        set_experiment=handed.append,
        start_run=start_run,
        log_metrics=handed.append,
        exceptions=SimpleNamespace(MlflowException=RuntimeError),
    )
    monkeypatch.setitem(sys.modules, "mlflow", mlflow)
    monkeypatch.delenv("MLFLOW_EXPERIMENT_NAME", raising=False)
    log_figures(("mlflow",), {"scan/auc": 0.5}, "a.onnx", tmp_path)
    assert handed == ["bonescan_yolo", "a.onnx", {"scan/auc": 0.5}]


@pytest.mark.parametrize("tracker", ["mlflow", "tensorboard"])
def test_switched_on_and_not_installed(tracker: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(BonescanError, match=f"{tracker}: is switched on .* not installed; `pip install {tracker}`"):
        log_figures((tracker,), {"scan/auc": 0.5}, "a.onnx", tmp_path)
