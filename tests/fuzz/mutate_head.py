"""Damage where a binary file says what it is: numbers of 1, 2 or 4 bytes in its head set to ones that hurt."""

from __future__ import annotations

import random
from typing import Final

HEAD: Final = 400
"""Bytes in which most formats state sizes and depths."""

NUMBERS: Final = (0, 1, 2, 3, 7, 8, 15, 16, 127, 128, 255, 256, 1024, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0xFFFFFFFF)
MAX_CHANGES: Final = 3


def mutate_head(data: bytes, rng: random.Random) -> bytes:
    """Return bytes of the same length with a few numbers changed, in the first or the last `HEAD` bytes."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, MAX_CHANGES)):
        size = rng.choice((1, 2, 4))
        span = max(1, min(HEAD, len(changed)) - size)
        place = rng.randrange(span) if rng.random() < 3 / 4 else max(0, len(changed) - size - rng.randrange(span))
        number = rng.choice(NUMBERS) & (1 << 8 * size) - 1
        changed[place : place + size] = number.to_bytes(size, rng.choice(("big", "little")))
    return bytes(changed)
