"""Zip archives of scans, packed in every way that Python can unpack."""

from __future__ import annotations

import functools
import io
import random
import struct
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from bonescan_yolo.convert.source import MAX_MEMBER_BYTES, UnreadableError, open_source
from bonescan_yolo.scan.find import find_scan_files
from bonescan_yolo.scan.read import read_scans
from tests.fuzz.conversions import pictures
from tests.fuzz.fuzz_kind import FuzzKind
from tests.fuzz.mutate_bytes import mutate_bytes

WAYS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
NAMES: Final = ("../a.png", "/a.png", "a\\b.png", "a\x1b[2J.png", "C:/a.png", "__MACOSX/a.png", "a" * 300, "\n.png", "")
NUMBERS: Final = (0, 1, 0xFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)
HEADS: Final = (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06")
"""Signatures of a member's head, of its entry in the list, and of the end (APPNOTE 4.3)."""

ZEROS: Final = MAX_MEMBER_BYTES * 2
MAX_CHANGES: Final = 3


@functools.cache
def bomb(way: int) -> bytes:
    """Return an archive whose member unpacks to more than is read, and claims only 1,000 bytes."""
    data = packed({"0.png": bytes(ZEROS)}, way)
    return data.replace(struct.pack("<I", ZEROS), struct.pack("<I", 1000))


def packed(members: dict[str, bytes], way: int) -> bytes:
    """Return an archive of members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, way)
    return buffer.getvalue()


def mutate(seed: int) -> bytes:
    """Return a damaged archive: odd names, changed numbers of its heads, or bytes anywhere."""
    rng = random.Random(f"zip {seed}")
    way = rng.choice(WAYS)
    if rng.random() < 1 / 50:
        return bomb(way)
    members = {f"x/{name}": content for name, content in pictures().items()}
    if rng.random() < 1 / 3:
        members[rng.choice(NAMES)] = rng.choice(list(members.values()))
    data = packed(members, way)
    return mutate_bytes(data, rng) if rng.random() < 1 / 2 else mutate_heads(data, rng)


def mutate_heads(data: bytes, rng: random.Random) -> bytes:
    """Return an archive with numbers changed after a signature."""
    changed = bytearray(data)
    places = [place for place in range(len(data)) if data[place : place + 4] in HEADS]
    for _ in range(rng.randint(1, MAX_CHANGES)):
        size = rng.choice((1, 2, 4))
        place = rng.choice(places) + rng.randrange(4, 46)
        changed[place : place + size] = (rng.choice(NUMBERS) & (1 << 8 * size) - 1).to_bytes(size, "little")
    return bytes(changed[: max(len(data), 1)])


def run(data: bytes) -> None:
    """Read every scan as `predict` does, and every member as `convert` does."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "scans.zip")
        path.write_bytes(data)
        with open_source(path) as source:
            for name in source.files:
                try:
                    content = source.read(name)
                except UnreadableError:
                    continue
                assert len(content) <= MAX_MEMBER_BYTES
        for file in find_scan_files(str(path)):
            read_scans(file)


KIND = FuzzKind("zip", mutate, run)
