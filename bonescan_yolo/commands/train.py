"""`bonescan train --data data/NAME/dataset.yaml`: fine-tune a detector."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bonescan_yolo.commands.trust_option import add_trust_option
from bonescan_yolo.resources import shipped_config
from bonescan_yolo.train.run import resume_run, start_run
from bonescan_yolo.train.settings import read_train_config

OVERRIDABLE = ("data", "out", "weights", "epochs", "batch", "seed", "device")


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    options = build_parser().parse_args(arguments)
    given: dict[str, object] = {key: value for key in OVERRIDABLE if (value := getattr(options, key)) is not None}
    if options.epochs is not None:
        given["minutes"] = None  # --epochs on the command line overrides the profile's time
    config = read_train_config(options.config or shipped_config("train.yaml"), options.profile, given)
    best = resume_run(config.out, options.device, options.trust) if options.resume else start_run(config, options.trust)
    sys.stdout.write(f"{best}\n")
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Return the command's arguments."""
    parser = argparse.ArgumentParser(prog="bonescan train", description="Fine-tune a YOLOv8 detector.")
    parser.add_argument("--config", type=Path, help="YAML with all settings (the shipped configs/train.yaml)")
    parser.add_argument("--profile", help="section of the YAML's profiles to apply, such as demo or full")
    parser.add_argument("--resume", action="store_true", help="resume the run in --out that was stopped")
    parser.add_argument("--data", help="dataset.yaml that `convert` wrote")
    parser.add_argument("--out", help="folder for the run")
    parser.add_argument("--weights", help="weights to start from: scratch, a .pt file, or a name such as yolov8n.pt")
    parser.add_argument("--epochs", type=int, help="passes over the training scans; overrides minutes")
    parser.add_argument("--batch", type=int, help="scans per step")
    parser.add_argument("--seed", type=int, help="seed of the random numbers")
    parser.add_argument("--device", help="auto, cpu, cuda, or GPU numbers such as 0,1")
    add_trust_option(parser)
    return parser
