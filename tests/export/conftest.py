"""Tracing a network takes seconds: the tests that are not about it share what was traced of the same weights."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import onnx
import pytest

from bonescan_yolo.export import exporting
from bonescan_yolo.export.kinds.stock import export_stock


@pytest.fixture(scope="session")
def traced() -> dict[str, bytes]:
    """Return the raw models so far, by the digest of their weights."""
    return {}


@pytest.fixture(scope="module", autouse=True)
def traced_once(traced: dict[str, bytes]) -> Iterator[None]:
    """Trace the same weights once for all tests that do not ask for `traced_anew`, and time each file by one run."""

    def trace(weights: Path) -> onnx.ModelProto:
        key = _digest(weights)
        if key not in traced:
            traced[key] = export_stock(weights).SerializeToString()
        return onnx.load_from_string(traced[key])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exporting, "export_stock", trace)
        patch.setattr(exporting, "TIMED_RUNS", 1)
        yield


@pytest.fixture
def traced_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trace the weights in this test too, as a user's export does."""
    monkeypatch.setattr(exporting, "export_stock", export_stock)


def _digest(weights: Path) -> str:
    """Return what identifies the network of a .pt file: its layers and their weights, not what the file says of it."""
    import torch

    model = torch.load(weights, weights_only=False)["model"]
    digest = hashlib.sha256(repr(model).encode())
    for name, values in model.state_dict().items():
        digest.update(name.encode() + values.numpy().tobytes())
    return digest.hexdigest()
