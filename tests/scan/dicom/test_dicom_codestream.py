"""What the head of a compressed frame says."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image
from pydicom.uid import JPEG2000, JPEG2000Lossless, JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLossless, JPEGLSLossless

from bonescan_yolo.scan.dicom.dicom_codestream import read_head, with_repaired_scan_header


def segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def made_jpeg(start_of_frame: int, scan: tuple[int, int, int] = (0, 63, 0)) -> bytes:
    """Return the head of a JPEG of 256 x 1024 with a comment before its frame header."""
    frame = struct.pack(">BHHB", 12, 1024, 256, 1) + bytes((1, 0x11, 0))
    return (
        b"\xff\xd8"
        + segment(0xFE, b"made")
        + segment(start_of_frame, frame)
        + segment(0xDA, bytes((1, 1, 0, *scan)))
        + b"\x12\x34"
    )


@pytest.mark.parametrize(
    ("start_of_frame", "syntax", "lossy"),
    [
        (0xC0, JPEGBaseline8Bit, True),
        (0xC1, JPEGExtended12Bit, True),
        (0xC3, JPEGLossless, False),
        (0xF7, JPEGLSLossless, False),
    ],
)
def test_the_head_of_a_jpeg(start_of_frame: int, syntax: str, lossy: bool) -> None:
    head = read_head(made_jpeg(start_of_frame, (0, 0, 0) if start_of_frame == 0xF7 else (0, 63, 0)))
    assert head == (256, 1024, syntax, lossy)


def test_jpeg_ls_that_allows_an_error_is_lossy() -> None:
    head = read_head(made_jpeg(0xF7, (2, 0, 0)))
    assert head is not None
    assert head.lossy


@pytest.mark.parametrize(("irreversible", "syntax"), [(True, JPEG2000), (False, JPEG2000Lossless)])
def test_the_head_of_a_jpeg_2000(irreversible: bool, syntax: str) -> None:
    buffer = io.BytesIO()
    Image.fromarray(np.zeros((96, 64), np.uint8)).save(buffer, "JPEG2000", irreversible=irreversible, no_jp2=True)
    assert read_head(buffer.getvalue()) == (64, 96, syntax, irreversible)


@pytest.mark.parametrize("length", range(0, 40, 3))
def test_a_head_that_ends_early_says_nothing(length: int) -> None:
    head = read_head(made_jpeg(0xC0)[:length])
    assert head is None or head.width == 256


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"\xff\xd8", b"\xff\x4f\xff\x51\0\x03", b"\xff\xd8\xff\xc0\0\0", b"plain"]
)
def test_no_head_at_all(content: bytes) -> None:
    assert read_head(content) is None
    assert with_repaired_scan_header(content) is None


@pytest.mark.parametrize("wrong", [(0, 0, 0), (1, 0, 0), (0, 62, 0), (0, 63, 16)])
@pytest.mark.parametrize("start_of_frame", [0xC0, 0xC1])
def test_the_scan_header_of_a_sequential_jpeg_is_repaired(start_of_frame: int, wrong: tuple[int, int, int]) -> None:
    assert with_repaired_scan_header(made_jpeg(start_of_frame, wrong)) == made_jpeg(start_of_frame)


def test_other_scan_headers_are_left_alone() -> None:
    assert with_repaired_scan_header(made_jpeg(0xC0)) is None
    assert with_repaired_scan_header(made_jpeg(0xC3, (1, 0, 0))) is None  # there they choose the predictor
    assert with_repaired_scan_header(made_jpeg(0xC2, (0, 0, 0))) is None  # there they choose the coefficients
