"""Members of archives: whole, their first bytes, and never more than they declare."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from bonescan_yolo.convert.source import UnreadableError, open_source
from bonescan_yolo.errors import ScanError
from bonescan_yolo.scan.packed import unpack_member
from bonescan_yolo.scan.read import read_scans

PACKINGS = {
    "stored": zipfile.ZIP_STORED,
    "deflate": zipfile.ZIP_DEFLATED,
    "bzip2": zipfile.ZIP_BZIP2,
    "LZMA": zipfile.ZIP_LZMA,
}
CONTENT = bytes(range(256)) * 1000 + bytes(300_000)
HIDDEN_BYTES = 160 << 20
DECLARED_BYTES = 3000
MOST_BYTES = 80 << 20
"""LZMA gives 30 MB for one piece, and Python copies them once."""

SIZE_IN_CENTRAL_HEADER = 24


def archive(packing: int, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", packing) as opened:
        opened.writestr("a.png", content)
    return packed.getvalue()


def declaring(size: int, packed: bytes) -> bytes:
    """Return an archive of one member with another declared size."""
    data = bytearray(packed)
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + SIZE_IN_CENTRAL_HEADER, size)
    return bytes(data)


@pytest.mark.parametrize("packing", PACKINGS.values(), ids=PACKINGS)
def test_a_member_is_unpacked_whole_or_in_part(packing: int) -> None:
    with zipfile.ZipFile(io.BytesIO(archive(packing, CONTENT))) as opened:
        (info,) = opened.infolist()
        assert unpack_member(opened, info) == CONTENT
        assert unpack_member(opened, info, 10) == CONTENT[:10]


@pytest.mark.parametrize("packing", PACKINGS.values(), ids=PACKINGS)
def test_an_empty_member(packing: int) -> None:
    with zipfile.ZipFile(io.BytesIO(archive(packing, b""))) as opened:
        assert unpack_member(opened, opened.infolist()[0]) == b""


@pytest.mark.parametrize("packing", PACKINGS.values(), ids=PACKINGS)
def test_a_changed_member_is_damaged(packing: int) -> None:
    data = bytearray(archive(packing, CONTENT))
    data[100] ^= 1
    with zipfile.ZipFile(io.BytesIO(data)) as opened, pytest.raises(Exception, match=r".+"):
        unpack_member(opened, opened.infolist()[0])


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_member_that_unpacks_to_more_than_it_declares_takes_no_memory(tmp_path: Path, packing: int) -> None:
    (tmp_path / "a.zip").write_bytes(declaring(DECLARED_BYTES, archive(packing, bytes(HIDDEN_BYTES))))
    tracemalloc.start()
    try:
        with pytest.raises(ScanError, match="is damaged in the archive"):
            read_scans(tmp_path / "a.zip" / "a.png")
        with open_source(tmp_path / "a.zip") as source, pytest.raises(UnreadableError, match="damaged"):
            source.read("a.png")
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
    finally:
        tracemalloc.stop()


def test_a_member_that_declares_too_much_is_not_unpacked(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(declaring(1 << 31, archive(zipfile.ZIP_BZIP2, CONTENT)))
    with pytest.raises(ScanError, match="unpacks to more than"):
        read_scans(tmp_path / "a.zip" / "a.png")
