"""Which network a run trains: one of Ultralytics, that of a YAML file, or that of the weights it starts from."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, Final

import yaml

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.config import read_yaml
from bonescan_yolo.errors import SettingsError, one_line
from bonescan_yolo.files import write_text
from bonescan_yolo.model.weights_file import load_weights
from bonescan_yolo.resources import shipped_config

AUTO: Final = "auto"
"""In place of a name: the network of the weights; from nothing, the shipped one."""

SHIPPED_NETWORK: Final = "network.yaml"
"""The description of the shipped network, in `configs/`."""

NETWORK_FILE: Final = "network.yaml"
"""The description in the run's folder, from which a resumed run builds the network again."""

VARIABLE_KEYS: Final = frozenset({"yaml_file", "names", "ch", "channels"})
"""Keys of a description that say nothing about the layers."""

Description = dict[str, Any]
"""Of a network, as Ultralytics reads it from YAML."""


def describe_network(model: str, weights: Path | None, trust: bool = False) -> Description:
    """Return the description of the network that a run trains.

    Args:
        model: AUTO, the path of a YAML file, or an architecture of Ultralytics such as `yolov8n`.
        weights: .pt file to start from; None: none.
        trust: whether that file may run code, see `load_weights`.

    Raises:
        SettingsError: the YAML file cannot be read, or describes no network of YOLOv8.
        ModelError: the weights cannot be loaded.
    """
    if model == AUTO and weights is not None:
        return _plain(load_weights(weights, trust)[0].yaml)
    if model == AUTO:
        return _plain(read_yaml(shipped_config(SHIPPED_NETWORK)))
    if model.endswith(".yaml"):
        description = _plain(read_yaml(Path(model)))
        try:
            build(description)
        except Exception as error:  # Ultralytics evaluates what the file says
            raise SettingsError(
                f"{model}: describes no network of YOLOv8 ({one_line(str(error))}); see configs/network.yaml"
            ) from error
        return description
    from ultralytics.nn.tasks import yaml_model_load

    return _plain(yaml_model_load(f"{model}.yaml"))


def _plain(description: Description) -> Description:
    """Return what a description says about the layers, for two classes; of several scales, the one that is meant."""
    kept = {key: copy.deepcopy(value) for key, value in description.items() if key not in VARIABLE_KEYS}
    scale = kept.pop("scale", None)
    if kept.get("scales"):
        kept["scales"] = {scale: kept["scales"][scale]} if scale else dict([next(iter(kept["scales"].items()))])
    return {**kept, "nc": len(CLASS_NAMES)}


def write_description(folder: Path, description: Description) -> Path:
    """Write the description into a run's folder and return its path."""
    path = folder / NETWORK_FILE
    write_text(path, yaml.safe_dump(description, sort_keys=False, default_flow_style=None))
    return path


def build(description: Description) -> Any:
    """Return the untrained network of a description.

    Raises:
        TypeError: its last layer does not find boxes. Ultralytics raises whatever else it stumbles over.
    """
    from ultralytics.nn.modules import Detect
    from ultralytics.nn.tasks import DetectionModel

    network = DetectionModel(copy.deepcopy(description), ch=1, nc=len(CLASS_NAMES), verbose=False)
    if not isinstance(network.model[-1], Detect):
        raise TypeError("its last layer is not Detect")
    return network


def are_alike(one: Description, other: Description) -> bool:
    """Return whether two descriptions have the same layers."""
    return _plain(one) == _plain(other)
