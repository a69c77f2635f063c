"""The two classes of boxes, and how the names in annotation files are read.

The third class of BS-80K, background, has no boxes: a scan, or a part of one, without boxes is background.
"""

from __future__ import annotations

from typing import Final

ABNORMAL: Final = 0
"""Suspected metastasis; BS-80K calls such a box a nidus."""

NORMAL: Final = 1
"""Physiological or benign uptake: bladder, kidneys, joints, injection site, urine contamination."""

CLASS_NAMES: Final = ("abnormal", "normal")
"""Names by class id, as they stand in data sets, models and outputs."""


def parse_class_name(text: str) -> int | None:
    """Return the class id that `text` names, whatever its case and surrounding spaces, or None."""
    name = text.strip().lower()
    return CLASS_NAMES.index(name) if name in CLASS_NAMES else None
