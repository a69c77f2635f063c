"""Values that files hold and should not."""

from __future__ import annotations

import random
from typing import Any, Final

DEEP: Final = "@deep@"
"""Stands for a value that is nested very deeply, which is put in when the text is written."""

ODD_NUMBERS: Final = (0, -1, 1, -0.0, 0.5, 1e-320, 1e308, -1e308, 2**31, 2**63, -(2**64), 10**400, 99999, 12.000000001)
NOT_NUMBERS: Final = (float("nan"), float("inf"), float("-inf"))
ODD_TEXTS: Final = (
    "",
    " ",
    "nan",
    "1e999",
    "0x10",
    "1_000",
    "1,5",
    "-",
    "٣",
    "\u0000",
    "\ud800",
    "a\nb",
    "../../etc/passwd",
    "/",
    "\\\\server\\7_anterior.png",
    "C:\\scans\\7_anterior.png",
    "7_anterior.png",
    "8_POSTERIOR.PNG",
    "abnormal",
    "Normal ",
    "0",
    "骨扫描.png",
    "x" * 5000,
    "[]",
    "{}",
    "<a/>",
    "http://[::1",
    "/data/local-files/?d=" + "%ff" * 10,
    "9" * 5000,
)
ODD_BOXES: Final[tuple[Any, ...]] = (
    [],
    {},
    [[]],
    [None],
    {"": None},
    [1, 2],
    [[1, 2]],
    [[1, 2], [3]],
    True,
    False,
    None,
)


def odd_value(rng: random.Random) -> Any:
    """Return any odd value."""
    group = rng.choice((ODD_NUMBERS, NOT_NUMBERS, ODD_TEXTS, ODD_BOXES, (DEEP,)))
    return rng.choice(group)


def odd_text(rng: random.Random) -> str:
    """Return an odd value as text, such as for a cell or an attribute."""
    value = rng.choice(rng.choice((ODD_NUMBERS, NOT_NUMBERS, ODD_TEXTS)))
    return value if isinstance(value, str) else str(value) if value != 10**400 else "1" + "0" * 400
