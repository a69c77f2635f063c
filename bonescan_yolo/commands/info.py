"""`bonescan info`: describe this installation, for a bug report or for a program that calls it."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

from bonescan_yolo.model.card import NOTICE, ModelCard
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.model.operating_points import SENSITIVE, SPECIFIC
from bonescan_yolo.model.thresholds import Thresholds
from bonescan_yolo.resources import core_count
from bonescan_yolo.version import __version__

EXTRAS = ("convert", "train", "simulate", "evaluate", "completion")
"""Optional sets of packages (extras of `pyproject.toml`); `all` is all of them."""


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    options = build_parser().parse_args(arguments)
    facts = describe(options.model)
    text = json.dumps(facts, indent=2) if options.json else "\n".join(_lines(facts))
    sys.stdout.write(f"{text}\n")
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Return the command's arguments."""
    parser = argparse.ArgumentParser(
        prog="bonescan info", description="Show version, model, threads and what is installed."
    )
    parser.add_argument("--model", type=Path, help="ONNX model to describe (default: the shipped one)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def describe(model: Path | None) -> dict[str, Any]:
    """Return a description of this installation as plain lists, numbers and texts.

    Args:
        model: an ONNX file; None means the shipped one.

    Raises:
        ModelError: it is missing or not a model of this project.
    """
    detector = Detector(model)
    card = detector.card
    import onnxruntime  # after the detector, which disables its usage reports

    return {
        "version": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "model": {
            "file": str(detector.path),
            "sha256": detector.sha256,
            **_fields(card),
            "thresholds": card.thresholds.as_record(),
            "operating_points": None if card.operating_points is None else card.operating_points.as_record(),
        },
        "onnxruntime": onnxruntime.__version__,
        "providers": onnxruntime.get_available_providers(),
        "threads": core_count(),
        "extras": {extra: missing_packages(extra) == [] for extra in EXTRAS},
        "notice": NOTICE,
    }


def _fields(card: ModelCard) -> dict[str, Any]:
    """Return the fields of a card; the points `sensitive` and `specific` are among the operating points instead."""
    return {key: value for key, value in asdict(card).items() if key not in (SENSITIVE, SPECIFIC)}


def missing_packages(extra: str) -> list[str]:
    """Return the packages of an extra that are not installed, from the metadata of the installed package."""
    try:
        required = metadata.requires("bonescan_yolo") or []
    except metadata.PackageNotFoundError:  # run from a checkout that was never installed
        return ["bonescan_yolo"]
    return [name for requirement in required if (name := _name_in(requirement, extra)) and not _is_installed(name)]


def _name_in(requirement: str, extra: str) -> str | None:
    """Return the package that a requirement (PEP 508) names, if it belongs to an extra, else None."""
    package, _, marker = requirement.partition(";")
    if f'extra == "{extra}"' not in marker.replace("'", '"'):
        return None
    return next(
        part for part in package.replace("[", " ").replace("<", " ").replace(">", " ").replace("=", " ").split()
    )


def _is_installed(name: str) -> bool:
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _lines(facts: dict[str, Any]) -> list[str]:
    """Return the facts as lines to read, one per fact."""
    model = facts["model"]
    present = [extra for extra, is_present in facts["extras"].items() if is_present]
    return [
        f"bonescan_yolo {facts['version']}, Python {facts['python']}, {facts['system']}",
        f"model       {model['file']}",
        f"            SHA-256 {model['sha256']}",
        f"            trained on {model['trained_on']}",
        f"            shows boxes above confidence {Thresholds(**model['thresholds'])}",
        *_point_lines(model["operating_points"]),
        f"runtime     onnxruntime {facts['onnxruntime']}: {', '.join(facts['providers'])}",
        f"threads     {facts['threads']}",
        f"extras      {', '.join(present) or 'none'}",
        facts["notice"],
    ]


def _point_lines(points: dict[str, dict[str, float]] | None) -> list[str]:
    """Return a line per operating point."""
    named = {} if points is None else points
    return [f"            at operating point {name} above {Thresholds(**each)}" for name, each in named.items()]
