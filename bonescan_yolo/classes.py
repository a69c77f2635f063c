"""The two classes of boxes, and how class names in annotation files are read.

BS-80K's third class, background, has no boxes: it is a scan, or a part of one, without boxes.
"""

from __future__ import annotations

from typing import Final

ABNORMAL: Final = 0
"""Suspected metastasis; BS-80K calls such a box a nidus."""

NORMAL: Final = 1
"""Physiological or benign uptake: bladder, kidneys, joints, injection site, urine contamination."""

CLASS_NAMES: Final = ("abnormal", "normal")
"""Names by class id, as used in data sets, models and outputs."""


def parse_class_name(text: str) -> int | None:
    """Return the class id that `text` names, ignoring case and surrounding spaces, or None."""
    name = text.strip().lower()
    return CLASS_NAMES.index(name) if name in CLASS_NAMES else None
