"""Switching off the usage statistics of onnxruntime."""

from __future__ import annotations

import os

ONNXRUNTIME_SWITCH = "ORT_DISABLE_TELEMETRY"
"""Environment variable that onnxruntime reads at import. Without it, onnxruntime 1.32 on Linux writes an identifier
of the machine and usage statistics into the user's cache."""


def disable_onnxruntime_telemetry() -> None:
    """Switch the statistics off, unless the user has set the switch; call before the first `import onnxruntime`."""
    os.environ.setdefault(ONNXRUNTIME_SWITCH, "1")
