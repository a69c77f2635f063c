"""Reading the parameters: the shipped ones, and what a user's file changes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bonescan_yolo.config import Config, merged, read_yaml, validate
from bonescan_yolo.phantom.parameters.body_parameters import CameraConfig, PatientConfig
from bonescan_yolo.phantom.parameters.bone_parameters import UptakeConfig
from bonescan_yolo.phantom.parameters.disease_parameters import DiseaseConfig, TruthConfig
from bonescan_yolo.phantom.parameters.physiology_parameters import PhysiologyConfig
from bonescan_yolo.resources import shipped_config

FILE_NAME = "phantom.yaml"
"""The shipped parameters, in `configs/`: the only place that holds their values."""


class PhantomConfig(Config):
    """All parameters of the simulator."""

    camera: CameraConfig
    patient: PatientConfig
    uptake: UptakeConfig
    physiology: PhysiologyConfig
    disease: DiseaseConfig
    truth: TruthConfig


def read_parameters(path: Path | None = None) -> PhantomConfig:
    """Read the parameters of the simulator.

    Args:
        path: a YAML file such as `configs/phantom.yaml`; keys that it leaves out keep the shipped value. None: the
            shipped file alone.

    Raises:
        BonescanError: a file cannot be read, or a key or value is wrong.
    """
    if path is None:
        return parameters_with({})
    return parameters_with(read_yaml(path), source=str(path))


def parameters_with(changes: Mapping[str, object], source: str = FILE_NAME) -> PhantomConfig:
    """Return the shipped parameters with some of them changed.

    Args:
        changes: sections and keys as in `configs/phantom.yaml`, as deep as needed:
            `{"disease": {"healthy_share": 0.0}}`.
        source: where the changes come from, for the message of an error.

    Raises:
        BonescanError: a key or value is wrong, or the shipped file is missing.
    """
    return validate(merged(read_yaml(shipped_config(FILE_NAME)), changes), PhantomConfig, source)
