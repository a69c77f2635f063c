"""What a training run leaves in its folder, so that a new run there replaces nothing else."""

from __future__ import annotations

from typing import Final

from bonescan_yolo.output.run_folders import RunKind
from bonescan_yolo.regions.bone_files import SUFFIX
from bonescan_yolo.train.kept_bones import KEPT_FOLDER
from bonescan_yolo.train.network_choice import NETWORK_FILE
from bonescan_yolo.train.run_record import MEAN_METRICS_FILE, RESULTS_FILE, RUN_FILE
from bonescan_yolo.train.scan_lists import LISTS, LISTS_YAML, SCAN_LISTS
from bonescan_yolo.train.settings import CONFIG_FILE

WEIGHTS_FOLDER: Final = "weights"

TRAINING_RUN: Final = RunKind(
    what="training run",
    example="train",
    marker=CONFIG_FILE,
    worth=f"{WEIGHTS_FOLDER}/*.pt",
    own={
        ".": (
            CONFIG_FILE,
            NETWORK_FILE,
            RUN_FILE,
            RESULTS_FILE,
            MEAN_METRICS_FILE,
            WEIGHTS_FOLDER,
            KEPT_FOLDER,
            # by Ultralytics
            "args.yaml",
            "results.png",
            "labels.jpg",
            "*_curve.png",
            "confusion_matrix.png",
            "confusion_matrix_normalized.png",
            "train_batch*.jpg",
            "val_batch*_labels.jpg",
            "val_batch*_pred.jpg",
            # by `make demo`
            "bonescan-app.onnx",
            "predict",
            SCAN_LISTS,
        ),
        WEIGHTS_FOLDER: ("best.pt", "last.pt", "best.part", "last.part", "epochs"),
        f"{WEIGHTS_FOLDER}/epochs": ("[0-9][0-9][0-9][0-9]*.pt",),
        KEPT_FOLDER: (f"*{SUFFIX}",),
        "predict": ("*.json", "*.png"),
        SCAN_LISTS: (LISTS_YAML, *LISTS.values()),
    },
)
