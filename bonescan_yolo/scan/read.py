"""`read_scans`: the only reader; it passes a file to the right decoder."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import stat
from dataclasses import dataclass
from pathlib import Path

from bonescan_yolo.errors import ScanError
from bonescan_yolo.scan import raster
from bonescan_yolo.scan.names import View, view_of_path
from bonescan_yolo.scan.record import Scan
from bonescan_yolo.scan.wraparound import fix_scan

DICOM_SUFFIXES = (".dcm", ".dicom", ".ima")
DICOM_MAGIC = b"DICM"
DICOM_MAGIC_OFFSET = 128  # PS3.10, section 7.1: a preamble of 128 bytes, then the prefix

MAX_FILE_BYTES = 1 << 30
"""1 GiB; a whole-body scan has about half a megabyte."""

FOLDERS_READ = 2
"""Number of folders above a file that may name its view, as in `wholeBodyANT/ant/7.jpg`."""


@dataclass(frozen=True)
class ReadOptions:
    """What a user says about files that do not say it themselves.

    Attributes:
        view: of scans whose file does not name one.
        keep_wrapped: whether 8-bit grey levels that wrapped past 255 stay as stored (`scan/wraparound.py`).
    """

    view: View | None = None
    keep_wrapped: bool = False


AS_STORED = ReadOptions()


def read_scans(path: str | Path, options: ReadOptions = AS_STORED) -> list[Scan]:
    """Read every scan in a file: PNG, JPEG, TIFF or BMP of 8 or 16 bit, or DICOM of nuclear medicine.

    Args:
        path: the file.
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
        >>> Image.fromarray(np.zeros((1024, 256), np.uint8)).save("7_anterior.png")
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
    if is_dicom(path, content):
        from bonescan_yolo.scan import dicom  # pydicom takes 200 ms to import, and most scans are pictures

        scans = dicom.decode(content, path)
    else:
        scans = raster.decode(content, path)
        if not options.keep_wrapped:
            scans = [fix_scan(scan) for scan in scans]
    digest = hashlib.sha256(content).hexdigest()
    named = view_of_path(Path(*path.parts[-1 - FOLDERS_READ :]))
    return [
        dataclasses.replace(
            scan,
            view=scan.view or (named if len(scans) == 1 else None) or options.view,
            path=path,
            sha256=digest,
            frame=index,
            frame_count=len(scans),
        )
        for index, scan in enumerate(scans)
    ]


def is_dicom(path: Path, content: bytes) -> bool:
    """Return whether a file is DICOM, by its prefix or, without one, by its suffix."""
    prefix = content[DICOM_MAGIC_OFFSET : DICOM_MAGIC_OFFSET + len(DICOM_MAGIC)]
    return prefix == DICOM_MAGIC or path.suffix.lower() in DICOM_SUFFIXES


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
    except FileNotFoundError as error:
        if path.is_symlink():
            raise ScanError(f"{path}: is a link to a file that does not exist; give the file itself") from error
        raise ScanError(f"{path}: does not exist; check the path") from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise ScanError(f"{path}: is a link that leads back to itself; give the file itself") from error
        raise ScanError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    if not content:
        raise ScanError(f"{path}: is empty; copy it again from its source")
    return content
