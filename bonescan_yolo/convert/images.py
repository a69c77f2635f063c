"""Reading every image once, as prediction reads it: its scans, and what has to be known of each before it is written.

An image is linked or copied byte for byte if every reader sees in it what prediction sees: one upright scan of 8-bit
grey, hot on dark. All others (16 bit, DICOM, palettes, colour, inverted or turned scans, files of several) are written
as an 8-bit grey PNG of what prediction sees.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import itertools
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bonescan_yolo.convert.source import Source, UnreadableError
from bonescan_yolo.convert.survey import FoundScan
from bonescan_yolo.errors import ScanError
from bonescan_yolo.resources import core_count
from bonescan_yolo.scan.orientation import EXIF_ORIENTATIONS, UPRIGHT, Orientation
from bonescan_yolo.scan.pictures.grey_png import grey_png
from bonescan_yolo.scan.pictures.raster import FORMATS, ORIENTATION
from bonescan_yolo.scan.quality.quality import Doubt
from bonescan_yolo.scan.read import AS_STORED, ReadOptions, decode_scans
from bonescan_yolo.scan.record import Scan, count_levels
from bonescan_yolo.scan.wraparound import find_wraparound

MAX_THREADS: Final = 8
"""Most images that are decoded at once."""

GZIP_MAGIC: Final = b"\x1f\x8b"

JPEG_END: Final = b"\xff\xd9"
"""The end marker. Ultralytics considers a JPEG that does not end with it damaged, and writes it anew."""

PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
CHUNK_FRAME_BYTES: Final = 12
"""Length, type and checksum around the data of a chunk (ISO/IEC 15948, 5.3)."""

PLAIN_CHUNKS: Final = frozenset(
    (
        b"IHDR",
        b"IDAT",
        b"IEND",
        b"eXIf",
        b"bKGD",
        b"cHRM",
        b"gAMA",
        b"hIST",
        b"iCCP",
        b"iTXt",
        b"pHYs",
        b"sBIT",
        b"sRGB",
        b"tEXt",
        b"tIME",
        b"zTXt",
    )
)
"""Chunks of a PNG that leave the stored grey levels as they are; Exif's turn is looked at by itself. Transparency and
animations are not among them."""

FEW_LEVELS: Final = 8
"""Most grey levels of a mask or a drawing; a scan has dozens."""

BRIGHT_MEDIAN: Final = 64
"""A bone scan is mostly black around the body: the median grey level of real scans is 0."""

GreyPixels = NDArray[np.uint8]


@dataclass(frozen=True)
class ImageFacts:
    """What was found out about one scan.

    Attributes:
        width, height: Size in pixels, as prediction sees it.
        sha256: Of the file's bytes, hexadecimal.
        pixel_hash: Of size and pixels; None for an image of a single grey level, which identifies no patient.
        wrapped_regions: Hot spots whose grey levels wrapped past 255.
        ends_with_marker: False for a JPEG without an end marker as its last bytes.
        rewritten: Why the scan is written as a PNG instead of its file's bytes, or None.
        shown_turned: Degrees clockwise by which the file's Exif block has viewers and labelling tools turn it.
        turned: Degrees clockwise by which the reader turned it further. Both are 0, 90, 180 or 270.
        levels: Different grey levels; of some rows only, if these have more than FEW_LEVELS.
        doubts: What makes it doubtful that this is a bone scan, worst first.
    """

    width: int
    height: int
    sha256: str
    pixel_hash: str | None
    wrapped_regions: int
    ends_with_marker: bool
    rewritten: str | None
    shown_turned: int
    turned: int
    levels: int
    doubts: tuple[Doubt, ...]


class Picture(NamedTuple):
    """The head of a picture file: its format and mode by Pillow's names, and its orientation (`scan.orientation`)."""

    format: str
    mode: str
    orientation: Orientation


class UndecodableError(Exception):
    """An image cannot be used; the message says why."""


def inspect_all(
    source: Source, scans: Sequence[FoundScan], options: ReadOptions = AS_STORED
) -> Iterator[tuple[FoundScan, ImageFacts | str]]:
    """Yield each scan, in order, with the facts of its image or the reason why it cannot be used.

    Scans of one file follow each other, and the file is decoded once. Decoding, hashing and unpacking release the
    interpreter's lock.
    """

    def inspect_file(of_file: list[FoundScan]) -> list[ImageFacts | str]:
        try:
            content = source.read(of_file[0].image)
            read = decode(content, of_file[0], options)
        except (UnreadableError, UndecodableError) as error:
            return [str(error)] * len(of_file)
        return [_inspect_or_why(content, read[scan.frame], options) for scan in of_file]

    files = [list(group) for _, group in itertools.groupby(scans, key=lambda scan: scan.image)]
    with ThreadPoolExecutor(max_workers=min(MAX_THREADS, core_count())) as pool:
        for of_file, facts in zip(files, pool.map(inspect_file, files), strict=True):
            yield from zip(of_file, facts, strict=True)


def decode(content: bytes, scan: FoundScan, options: ReadOptions = AS_STORED) -> list[Scan]:
    """Return the scans in an image file of the source.

    Raises:
        UndecodableError: it cannot be read, or has another number of scans than when it was found.
    """
    try:
        scans = decode_scans(content, Path(scan.image), as_wrapped(options))
    except ScanError as error:
        raise UndecodableError(str(error).removeprefix(f"{Path(scan.image)}: ")) from error
    if len(scans) != scan.frame_count:
        raise UndecodableError(f"has {len(scans)} scans; give each in a file of its own")
    return scans


def as_wrapped(options: ReadOptions) -> ReadOptions:
    """Return options under which grey levels that wrapped past 255 stay: a conversion counts and fixes them itself."""
    return dataclasses.replace(options, keep_wrapped=True)


def inspect(content: bytes, scan: Scan, options: ReadOptions = AS_STORED) -> ImageFacts:
    """Return the facts of a scan that was read from the bytes of its file, as the user's options say.

    Raises:
        UndecodableError: it cannot be written so that prediction reads the same again without these options.
    """
    grey = scan.grey()
    is_jpeg = content.startswith(b"\xff\xd8")
    ends_with_marker = not is_jpeg or content.endswith(JPEG_END)
    picture = _picture(content)
    rewritten = _why_rewritten(content, scan, picture)
    if (rewritten is not None or options != AS_STORED) and not _reads_alike(grey, scan):
        raise UndecodableError("would be read otherwise once it is written as a grey PNG")
    return ImageFacts(
        width=scan.width,
        height=scan.height,
        sha256=scan.sha256 or hashlib.sha256(content).hexdigest(),
        pixel_hash=_pixel_hash(grey),
        wrapped_regions=find_wraparound(grey).regions if scan.pixels.dtype == np.uint8 else 0,
        ends_with_marker=ends_with_marker,
        rewritten=rewritten,
        shown_turned=picture.orientation.turn if picture else 0,
        turned=(scan.turned - (picture.orientation.turn if picture else 0)) % 360,
        levels=_levels(scan.pixels),
        doubts=(*scan.quality.doubts, *_bright(grey)),
    )


def _picture(content: bytes) -> Picture | None:
    """Return what the head of a picture says, or None for a file that is not a picture, such as DICOM."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            orientation = EXIF_ORIENTATIONS.get(image.getexif().get(ORIENTATION, 1), UPRIGHT)
            return Picture(image.format or "", image.mode, orientation)
    except Exception:  # Pillow's errors share no base class, and the file has been read already
        return None


def _why_rewritten(content: bytes, scan: Scan, picture: Picture | None) -> str | None:
    """Return why a scan is written as a PNG of what prediction sees, or None if its file's bytes show just that."""
    found = {
        "one of several in a file": scan.frame_count > 1,
        "more than 8 bit": scan.pixels.dtype != np.uint8,
        "packed by gzip": picture is None and content.startswith(GZIP_MAGIC),
        "not a picture": picture is None,
        "inverted": scan.inverted,
        "turned": scan.turned != 0 or (picture is not None and picture.orientation != UPRIGHT),
        "not stored as 8-bit grey": picture is not None and picture.mode != "L",
    }
    reason = next((reason for reason, applies in found.items() if applies), None)
    if reason is not None or picture is None:
        return reason
    if picture.format == "JPEG":
        return None if content.endswith(JPEG_END) else "without a JPEG end marker"
    if picture.format == "PNG":
        return None if _chunk_types(content) <= PLAIN_CHUNKS else "a PNG that programs read in different ways"
    return None if picture.format == "BMP" else f"a {picture.format}, which programs read in different ways"


def _chunk_types(content: bytes) -> set[bytes]:
    """Return the types of the chunks of a PNG up to its end, IEND, or up to where it is cut off, an empty type."""
    types: set[bytes] = set()
    place = len(PNG_SIGNATURE)
    while not types & {b"IEND", b""}:
        types.add(content[place + 4 : place + 8])
        place += int.from_bytes(content[place : place + 4], "big") + CHUNK_FRAME_BYTES
    return types


def has_few_levels(source: Source, file: str) -> bool:
    """Return whether a file can be read and has no more grey levels than a mask or a drawing."""
    try:
        scans = decode_scans(source.read(file), Path(file))
    except (UnreadableError, ScanError):
        return False
    return all(count_levels(scan.pixels) <= FEW_LEVELS for scan in scans)


def _inspect_or_why(content: bytes, scan: Scan, options: ReadOptions) -> ImageFacts | str:
    try:
        return inspect(content, scan, options)
    except UndecodableError as error:
        return str(error)


def _reads_alike(grey: GreyPixels, scan: Scan) -> bool:
    """Return whether prediction reads a PNG of the grey levels as those grey levels again."""
    try:
        path = Path(scan.path or "scan").with_suffix(".png")
        again = decode_scans(grey_png(grey), path, as_wrapped(AS_STORED))
    except ScanError:
        return False
    return len(again) == 1 and np.array_equal(again[0].grey(), grey)


def _levels(pixels: NDArray[Any]) -> int:
    """Return how many levels every eighth row has or, if these are few, the whole scan."""
    some = count_levels(pixels[::8])
    return some if some > FEW_LEVELS else count_levels(pixels)


def _pixel_hash(grey: GreyPixels) -> str | None:
    if grey.min() == grey.max():
        return None
    digest = hashlib.sha256(f"{grey.shape} {grey.dtype.str}".encode())
    digest.update(np.ascontiguousarray(grey).data)
    return digest.hexdigest()


def _bright(grey: GreyPixels) -> list[Doubt]:
    """Return the doubt about a picture whose air is bright."""
    if 2 * np.count_nonzero(grey > BRIGHT_MEDIAN) <= grey.size:
        return []
    message = f"is mostly bright (half of it above grey level {BRIGHT_MEDIAN}), not hot on black"
    return [Doubt("bright", message, refuses=True)]
