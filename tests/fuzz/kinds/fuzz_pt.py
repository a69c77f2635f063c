"""Weights: the shipped .pt file."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path
from random import Random

from bonescan_yolo.model.weights_file import require_weights
from tests.fuzz import weights_files
from tests.fuzz.fuzz_kind import FuzzKind

SHIPPED = Path(__file__).parents[3] / "weights" / "bonescan.pt"


@functools.cache
def whole() -> bytes:
    return SHIPPED.read_bytes()


def mutate(seed: int) -> bytes:
    return weights_files.mutate(whole(), Random(f"pt {seed}"))


def run(data: bytes) -> None:
    """Check the file as `train`, `export` and `evaluate` do before they load it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.pt")
        path.write_bytes(data)
        require_weights(path)


KIND = FuzzKind("pt", mutate, run)
