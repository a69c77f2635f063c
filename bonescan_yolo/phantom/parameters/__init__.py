"""The simulator's parameters: their types and bounds here, their values and meaning in `configs/phantom.yaml`."""

from bonescan_yolo.phantom.parameters.body_parameters import CameraConfig, PatientConfig
from bonescan_yolo.phantom.parameters.bone_parameters import JointEnds, Prosthesis, UptakeConfig
from bonescan_yolo.phantom.parameters.disease_parameters import (
    DiffuseConfig,
    DiseaseConfig,
    LongBones,
    Sites,
    TruthConfig,
)
from bonescan_yolo.phantom.parameters.phantom_parameters import PhantomConfig, parameters_with, read_parameters
from bonescan_yolo.phantom.parameters.physiology_parameters import Catheter, PhysiologyConfig, Site
from bonescan_yolo.phantom.parameters.ranges import Counts, NormalDraw, Span

__all__ = [
    "CameraConfig",
    "Catheter",
    "Counts",
    "DiffuseConfig",
    "DiseaseConfig",
    "JointEnds",
    "LongBones",
    "NormalDraw",
    "PatientConfig",
    "PhantomConfig",
    "PhysiologyConfig",
    "Prosthesis",
    "Site",
    "Sites",
    "Span",
    "TruthConfig",
    "UptakeConfig",
    "parameters_with",
    "read_parameters",
]
