"""Damage to bytes of any kind: flipped, cut, repeated, in another encoding."""

from __future__ import annotations

import random
from typing import Final

ENCODINGS: Final = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030", "latin-1", "cp1252", "utf-7")
MAX_CHANGES: Final = 8
MAX_INSERTED: Final = 64


def mutate_bytes(data: bytes, rng: random.Random) -> bytes:
    """Return bytes with a few of them changed, removed, inserted or repeated."""
    for _ in range(rng.randint(1, MAX_CHANGES)):
        place, end = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
        way = rng.randrange(6)
        if way == 0:
            data = data[:place]
        elif way == 1:
            data = data[:place] + data[min(end, place + MAX_INSERTED) :]
        elif way == 2:
            data = data[:place] + rng.randbytes(rng.randint(1, MAX_INSERTED)) + data[place:]
        elif way == 3:
            data = data[:end] + data[place:end] + data[end:]
        elif data:
            place = rng.randrange(len(data))
            data = data[:place] + bytes([data[place] ^ 1 << rng.randrange(8)]) + data[place + 1 :]
    return data


def encoded(text: str, rng: random.Random) -> bytes:
    """Return a text as bytes: mostly UTF-8, at times in another encoding, cut off, or with single bytes damaged."""
    way = rng.randrange(10)
    encoding = rng.choice(ENCODINGS) if way == 0 else "utf-8"
    data = text.encode(encoding, "surrogatepass" if encoding.startswith("utf-") and encoding != "utf-7" else "replace")
    if way == 1:
        return mutate_bytes(data, rng)
    return data[: rng.randrange(len(data) + 1)] if way == 2 else data
