"""`read_scans`: the only reader; it passes a file to the right decoder.

What every decoder and the page's (`web/src/scan/`) do alike, once a file is decoded:

- **Orientation.** The head is up. Pictures are mirrored and turned as Exif says (CIPA DC-008, 4.6.4, tag 274): in JPEG
  (APP1), in PNG (chunk eXIf; PNG, third edition, 11.3.4.5) and in TIFF (TIFF 6.0, section 8, Orientation). An
  orientation in XMP or in a text chunk does not count. DICOM is turned as Patient Orientation says (PS3.3,
  C.7.6.1.1.1). `Scan.turned` has the degrees, mirroring is noted, `--turn` adds to it.
- **Inverse grey.** Hot is high. NM in MONOCHROME2 holds counts (PS3.3, C.8.4.9.1.2). Everything else may show hot as
  dark on white: its air decides (`inverse_grey`), or the user (`--inverted`). TIFF's WhiteIsZero (TIFF 6.0, section 4)
  is applied to 1 to 8 bit as the standard says; deeper values are counts and stay as they are.
- **Depth.** 8-bit values are display grey levels and stay as they are; 1, 2 and 4 bit are spread over 0 to 255 (PNG,
  13.12). All deeper values, colour of 16 bit too, are counts (`display.to_grey`).
- **Palettes and colour.** A palette is applied (PNG, 11.2.2; TIFF 6.0, section 5), but not that of a DICOM image that
  holds counts (PS3.3, C.8.4.9.1.3). The grey level is the mean of the three channels; what is coloured is refused.
- **Alpha.** Transparent is black, in parts in proportion (PNG, 11.3.2.1 tRNS; TIFF 6.0, section 18): transparent is
  what has nothing to show, and around a body whose hot is bright that is black air. A picture whose drawing is in its
  transparency alone is refused.
- **Padding.** DICOM's Pixel Padding Value (PS3.3, C.7.5.1.1.2) is air. A dark frame around a picture does not
  count when its air is judged. It stays, but around hot as dark it becomes air: inverted, it would be the hottest.
- **Blank.** A scan of one grey level shows nothing and is refused.
- **Frames.** A frame is a scan. In TIFF, reduced copies and masks of other pages (tag 254) are left out.
"""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import stat
from dataclasses import dataclass
from pathlib import Path

from bonescan_yolo.errors import ScanError
from bonescan_yolo.scan.identity.names import View, view_of_path
from bonescan_yolo.scan.orientation import TURNS, turn_scan
from bonescan_yolo.scan.pictures import raster
from bonescan_yolo.scan.record import MAX_PIXELS, Scan
from bonescan_yolo.scan.sniff import HEAD_BYTES, Kind, kind_of
from bonescan_yolo.scan.wraparound import fix_scan

DICOM_SUFFIXES = (".dcm", ".dicom", ".ima")
GZIP_SUFFIX = ".gz"

MAX_FILE_BYTES = 1 << 30
"""1 GiB; a whole-body scan has about half a megabyte."""

MAX_UNPACKED_BYTES = 4 * MAX_PIXELS + (1 << 24)
"""Of a packed file: the most pixels, of 32 bit, and 16 MiB for everything else."""

FOLDERS_READ = 2
"""Number of folders above a file that may name its view, as in `wholeBodyANT/ant/7.jpg`."""


@dataclass(frozen=True)
class ReadOptions:
    """What a user says about files that do not say it themselves.

    Attributes:
        view: of scans whose file does not name one.
        inverted: whether the files show hot as dark; None finds out.
        turn: degrees clockwise by which the scans are turned once they are read: 0, 90, 180 or 270.
        keep_wrapped: whether 8-bit grey levels that wrapped past 255 stay as stored (`scan/wraparound.py`).
    """

    view: View | None = None
    inverted: bool | None = None
    turn: int = 0
    keep_wrapped: bool = False

    def __post_init__(self) -> None:
        """Refuse other turns."""
        if self.turn not in TURNS:
            raise ScanError(f"turn {self.turn}: is not a quarter; give 0, 90, 180 or 270 degrees clockwise")


AS_STORED = ReadOptions()


def read_scans(path: str | Path, options: ReadOptions = AS_STORED) -> list[Scan]:
    """Read every scan in a file: PNG, JPEG, TIFF or BMP of any depth, or DICOM of nuclear medicine.

    What the file is follows from its content, whatever it is called. A file packed by gzip is unpacked in memory.

    Args:
        path: the file; `archive.zip/folder/member` reads from a zip archive.
        options: what the user says about it.

    Returns:
        One scan per frame, in the file's order, at the file's own pixel size.

    Raises:
        ScanError: the file is missing, empty, damaged, or not a grey scan.

    Examples:
        >>> from pathlib import Path
        >>> import numpy as np
        >>> from PIL import Image
        >>> from bonescan_yolo import read_scans
        >>> pixels = np.zeros((1024, 256), np.uint8)
        >>> pixels[100:900, 100:156] = 23  # a bar in place of a body
        >>> Image.fromarray(pixels).save("7_anterior.png")
        >>> (scan,) = read_scans(Path("7_anterior.png"))
        >>> scan.pixels.shape, scan.view, scan.frame_count
        ((1024, 256), 'anterior', 1)
    """
    path = Path(path)
    return decode_scans(_read_file(path), path, options)


def decode_scans(content: bytes, path: Path, options: ReadOptions = AS_STORED) -> list[Scan]:
    """Return every scan in the bytes of a file, as `read_scans` does; `path` names the file, also one in an archive.

    Raises:
        ScanError: the bytes are damaged, or not a grey scan.
    """
    digest = hashlib.sha256(content).hexdigest()
    if kind_of(content[:HEAD_BYTES]) == "gzip":
        from bonescan_yolo.scan.packed import unpack_gzip

        content = unpack_gzip(content, str(path), MAX_UNPACKED_BYTES)
    kind = kind_of(content[:HEAD_BYTES])
    if kind in _WHAT_TO_DO:
        raise ScanError(f"{path}: {_WHAT_TO_DO[kind]}")
    if is_dicom(path, content):
        from bonescan_yolo.scan.dicom import dicom_decoder  # pydicom takes 200 ms to import, most scans are pictures

        scans = dicom_decoder.decode(content, path, options.inverted)
    else:
        scans = raster.decode(content, path, options.inverted)
        if not options.keep_wrapped:
            scans = [fix_scan(scan) for scan in scans]
    named = view_of_path(Path(*path.parts[-1 - FOLDERS_READ :])) if len(scans) == 1 else None
    return [
        dataclasses.replace(
            turn_scan(_with_note(scan, named), options.turn),
            view=scan.view or named or options.view,
            path=path,
            sha256=digest,
            frame=index,
            frame_count=len(scans),
        )
        for index, scan in enumerate(scans)
    ]


def _with_note(scan: Scan, named: View | None) -> Scan:
    """Return a scan with a note if the view that its file states is not the one that its name does."""
    if named is None or scan.view in (None, named):
        return scan
    note = f"view is {scan.view} as the file says, though its name says {named}"
    return dataclasses.replace(scan, notes=(*scan.notes, note))


_WHAT_TO_DO: dict[Kind | None, str] = {
    "drawing": "is a picture that bonescan made of a scan, not a scan; give the scan itself",
    "index": "is the index of a DICOM medium and has no image; give the folder it is in",
    "zip": "is a zip archive; give the archive itself, or unpack it and give its folder",
    "gzip": "is packed by gzip twice; unpack it first",
}


def is_dicom(path: Path, content: bytes) -> bool:
    """Return whether a file is DICOM, by its first bytes or, if they are unknown, by its suffix."""
    kind = kind_of(content[:HEAD_BYTES])
    return kind == "dicom" or (kind is None and suffix_of(path) in DICOM_SUFFIXES)


def suffix_of(path: Path) -> str:
    """Return the suffix of a file's name in lower case, without that of gzip."""
    return (Path(path.stem) if path.suffix.lower() == GZIP_SUFFIX else path).suffix.lower()


def _read_file(path: Path) -> bytes:
    """Return a file's bytes; raises ScanError if it cannot be read."""
    try:
        status = path.stat()
        if path.is_dir():
            raise ScanError(f"{path}: is a folder; give a file")
        if not stat.S_ISREG(status.st_mode):  # reading a pipe may block for ever, a device may never end
            raise ScanError(f"{path}: is not a regular file; give a file on disk")
        if status.st_size > MAX_FILE_BYTES:
            raise ScanError(f"{path}: has {status.st_size >> 20} MiB, too large for a scan; give a single scan")
        content = path.read_bytes()
    except OSError as error:
        packed = _read_packed(path) if isinstance(error, FileNotFoundError | NotADirectoryError) else None
        if packed is None:
            raise _unreadable(path, error) from error
        content = packed
    if not content:
        raise ScanError(f"{path}: is empty; copy it again from its source")
    return content


def _read_packed(path: Path) -> bytes | None:
    """Return the bytes of a member of a zip archive; None if the path leads into none."""
    from bonescan_yolo.scan.packed import archive_of, read_member

    archive = archive_of(path)
    return None if archive is None else read_member(archive, path, MAX_UNPACKED_BYTES)


def _unreadable(path: Path, error: OSError) -> ScanError:
    """Return the error for a file that cannot be opened."""
    if isinstance(error, FileNotFoundError):
        if path.is_symlink():
            return ScanError(f"{path}: is a link to a file that does not exist; give the file itself")
        return ScanError(f"{path}: does not exist; check the path")
    if error.errno == errno.ELOOP:
        return ScanError(f"{path}: is a link that leads back to itself; give the file itself")
    return ScanError(f"{path}: cannot be read ({error.strerror}); check its permissions")
