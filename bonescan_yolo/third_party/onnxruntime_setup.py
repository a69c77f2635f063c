"""Disable onnxruntime's usage reports to its vendor."""

from __future__ import annotations

import os

ONNXRUNTIME_SWITCH = "ORT_DISABLE_TELEMETRY"
"""Environment variable that onnxruntime reads at import. Without it, onnxruntime 1.32 on Linux puts an identifier of
the machine and a store of usage statistics into the user's cache."""


def disable_onnxruntime_telemetry() -> None:
    """Turn the statistics off, unless the user has set the variable; call before the first `import onnxruntime`."""
    os.environ.setdefault(ONNXRUNTIME_SWITCH, "1")
