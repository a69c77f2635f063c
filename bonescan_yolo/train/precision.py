"""bfloat16 on a CPU: whether to compute in it, and the loss that stays in float32."""

from __future__ import annotations

from typing import Any

import torch


class Float32Loss:
    """A loss computed outside autocast on float32 predictions.

    bfloat16 has 8 bits of precision. That is enough for the convolutions, but too little for the edges of a box: at the
    coarsest level they would be off by half a pixel.
    """

    def __init__(self, criterion: Any) -> None:
        """Take the loss of the model."""
        self.criterion = criterion

    def __call__(self, predictions: Any, batch: dict[str, Any]) -> Any:
        """Return the loss of predictions of any precision."""
        with torch.autocast("cpu", enabled=False):
            return self.criterion(_to_float32(predictions), batch)


def _to_float32(value: Any) -> Any:
    """Return nested tensors as float32."""
    if isinstance(value, torch.Tensor):
        return value.float() if value.is_floating_point() else value
    if isinstance(value, dict):
        return {key: _to_float32(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_to_float32(part) for part in value)
    return value


def wants_bf16(precision: str) -> bool:
    """Return whether a CPU computes in bfloat16: as configured, or with `auto` if it has instructions for it.

    Without them bfloat16 is emulated and slower than float32.
    """
    if precision != "auto":
        return precision == "bf16"
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16") or capabilities.get("bf16"))
