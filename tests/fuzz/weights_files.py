"""Changing .pt files: bytes, members of the zip, instructions of the pickle."""

from __future__ import annotations

import io
import pickletools
import zipfile
from collections.abc import Callable
from random import Random

PICKLE = "data.pkl"
NAMES = (
    "posix\nsystem",
    "builtins\neval",
    "builtins\ngetattr",
    "torch.storage\n_load_from_bytes",
    "torch.nn.modules.conv\nConv3d",
    "ultralytics.nn.tasks\nDetectionModel",
    "collections\nOrderedDict",
    "__builtin__\nset",
)
"""Names that a pickle may ask for: code, and classes that a checkpoint holds elsewhere."""

MOST_CHANGES = 4


def mutate(data: bytes, rng: Random) -> bytes:
    """Return a changed copy of a .pt file; the same generator gives the same copy."""
    change = rng.choice((flip_bytes, cut, grow, change_pickle, change_pickle, change_pickle, change_members))
    return change(data, rng)


def flip_bytes(data: bytes, rng: Random) -> bytes:
    """Return the bytes with some replaced, most of them near the beginning or the end, where the structure is."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, MOST_CHANGES)):
        near = min(len(data), 200_000)
        place = rng.choice((rng.randrange(near), len(data) - 1 - rng.randrange(near), rng.randrange(len(data))))
        changed[place] = rng.randrange(256)
    return bytes(changed)


def cut(data: bytes, rng: Random) -> bytes:
    """Return the beginning of the bytes."""
    return data[: rng.randrange(len(data))]


def grow(data: bytes, rng: Random) -> bytes:
    """Return the bytes with others before, after or in them."""
    more = rng.choice((rng.randbytes(50), data[:1000], b"PK\x05\x06" + bytes(18), bytes(100)))
    place = rng.choice((0, len(data), rng.randrange(len(data))))
    return data[:place] + more + data[place:]


def change_pickle(data: bytes, rng: Random) -> bytes:
    """Return the file with a changed pickle in a sound zip."""

    def change(pickled: bytes) -> bytes:
        places = [place for _, _, place in pickletools.genops(pickled) if place is not None]
        for _ in range(rng.randint(1, MOST_CHANGES)):
            place, other = rng.choice(places), rng.choice(places)
            new = rng.choice(
                (
                    f"c{rng.choice(NAMES)}\n".encode(),
                    f"c{rng.choice(NAMES)}\n".encode() + b"(tR",
                    pickled[other : other + rng.randint(1, 40)],
                    rng.choice((b"R", b"b", b"\x81", b"(", b"t", b"s", b"u", b".", b"N", b"0", b"]" * 300)),
                    rng.randbytes(rng.randint(1, 8)),
                )
            )
            pickled = pickled[:place] + new + pickled[place + rng.choice((0, 1, len(new))) :]
        return pickled

    return rewrite(data, change)


def change_members(data: bytes, rng: Random) -> bytes:
    """Return the file with a member left out, cut, packed, renamed or added."""
    members = read_members(data)
    name = rng.choice(list(members))
    change = rng.randrange(5)
    if change == 0:
        del members[name]
    elif change == 1:
        members[name] = members[name][: len(members[name]) // 2]
    elif change == 2:
        members[f"{name}x"] = members.pop(name)
    elif change == 3:
        members[rng.choice(("constants.pkl", "../x", "other/data.pkl", "archive/code/x.py"))] = b"x"
    return write_members(members, zipfile.ZIP_DEFLATED if change == 4 else zipfile.ZIP_STORED)


def rewrite(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Return a .pt file with its pickle changed."""
    members = read_members(data)
    name = next(name for name in members if name.endswith(f"/{PICKLE}"))
    members[name] = change(members[name])
    return write_members(members)


def read_members(data: bytes) -> dict[str, bytes]:
    """Return the members of a zip by name, in order."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def write_members(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """Return a zip of these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as file:
        for name, content in members.items():
            file.writestr(zipfile.ZipInfo(name), content, compression)
    return buffer.getvalue()
