"""Figures for MLflow and TensorBoard, if the user has switched them on; neither is needed.

As in Ultralytics, the settings `mlflow` and `tensorboard` in the user's own settings file of Ultralytics decide. MLflow
is on there by default, so here it also needs the variable MLFLOW_TRACKING_URI, which says where figures go.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from pathlib import Path

from bonescan_yolo.errors import SettingsError

MLFLOW_ADDRESS = "MLFLOW_TRACKING_URI"
MLFLOW_EXPERIMENT = "MLFLOW_EXPERIMENT_NAME"
EXPERIMENT = "bonescan_yolo"
SETTINGS_VARIABLE = "YOLO_CONFIG_DIR"

Numbers = Mapping[str, float]
"""Values of figures by key."""


def switched_on() -> tuple[str, ...]:
    """Return which of `mlflow` and `tensorboard` the user has switched on.

    Call it before `prepare_ultralytics`, which points Ultralytics to settings of this project's own.
    """
    try:
        settings = json.loads(_settings_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):  # Ultralytics was never used here
        settings = {}
    on = []
    if os.environ.get(MLFLOW_ADDRESS) and settings.get("mlflow", True):
        on.append("mlflow")
    if settings.get("tensorboard", False):
        on.append("tensorboard")
    return tuple(on)


def log_figures(trackers: tuple[str, ...], numbers: Numbers, run: str, folder: Path) -> None:
    """Log figures with trackers; each model is a run.

    Args:
        trackers: of `switched_on`.
        numbers: values of figures by key.
        run: name of the run.
        folder: for TensorBoard's files.

    Raises:
        SettingsError: a tracker is switched on but not installed, or does not accept the figures.
    """
    for tracker in trackers:
        try:
            if tracker == "mlflow":
                _log_to_mlflow(numbers, run)
            else:
                _log_to_tensorboard(numbers, folder / "tensorboard" / run)
        except ImportError as error:
            raise SettingsError(
                f"{tracker}: is switched on in Ultralytics' settings but not installed; `pip install {tracker}`, or "
                f"`yolo settings {tracker}=False`"
            ) from error


def _log_to_mlflow(numbers: Numbers, run: str) -> None:
    import mlflow  # type: ignore[import-not-found, unused-ignore]

    try:
        mlflow.set_experiment(os.environ.get(MLFLOW_EXPERIMENT) or EXPERIMENT)
        with mlflow.start_run(run_name=run):
            mlflow.log_metrics(dict(numbers))
    except mlflow.exceptions.MlflowException as error:
        raise SettingsError(
            f"{os.environ[MLFLOW_ADDRESS]}: does not accept figures ({error}); check {MLFLOW_ADDRESS}"
        ) from error


def _log_to_tensorboard(numbers: Numbers, folder: Path) -> None:
    from torch.utils.tensorboard import SummaryWriter  # type: ignore[attr-defined, unused-ignore]

    with SummaryWriter(str(folder)) as writer:  # type: ignore[no-untyped-call, unused-ignore]
        for key, value in numbers.items():
            writer.add_scalar(key, value)  # type: ignore[no-untyped-call, unused-ignore]


def _settings_file() -> Path:
    """Return where Ultralytics keeps the user's settings (its `get_user_config_dir`)."""
    chosen = os.environ.get(SETTINGS_VARIABLE)
    if chosen:
        base = Path(chosen).expanduser()
    elif platform.system() == "Windows":
        base = Path.home() / "AppData" / "Roaming"
    elif platform.system() == "Darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "Ultralytics" / "settings.json"
