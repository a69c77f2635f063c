"""The pictures inside LabelMe's JSON files, for images that are nowhere else."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Final

from bonescan_yolo.convert.readers.annotation_text import UnparsableError, as_text, load_json
from bonescan_yolo.convert.source import Source, UnreadableError
from bonescan_yolo.scan.pictures.raster import SUFFIXES

PNG_START: Final = "iVBORw0KGgo"
"""First characters of a PNG in base64; LabelMe stores other formats as JPEG or as they are."""


class WithEmbeddedPictures:
    """A source with further files: the picture inside each LabelMe file whose image is not in the source.

    A picture has the name of its JSON file, and the suffix `.png` or `.jpg`.
    """

    def __init__(self, source: Source) -> None:
        """Look for pictures in the JSON files that have no image of their name."""
        self._source = source
        names = {PurePosixPath(file).name.casefold() for file in source.files}
        self._pictures: dict[str, str] = {}
        for path in source.files:
            stem = PurePosixPath(path).stem
            if not path.lower().endswith(".json") or names & {f"{stem}{ending}".casefold() for ending in SUFFIXES}:
                continue
            content = _content(source, path)
            data = content.get("imageData")
            image = PureWindowsPath(as_text(content.get("imagePath")) or "").name
            if isinstance(data, str) and data and "shapes" in content and image.casefold() not in names:
                ending = ".png" if data.startswith(PNG_START) else ".jpg"
                self._pictures[PurePosixPath(path).with_suffix(ending).as_posix()] = path
        self.name = source.name
        self.files = (*source.files, *self._pictures)
        self.problems = source.problems
        self.junk = source.junk

    def read(self, file: str) -> bytes:
        """Return the bytes of a file, or of a picture inside one. Raises UnreadableError."""
        holder = self._pictures.get(file)
        if holder is None:
            return self._source.read(file)
        try:
            return base64.b64decode(_content(self._source, holder)["imageData"])
        except (KeyError, TypeError, ValueError, binascii.Error) as error:
            raise UnreadableError(f"is a damaged picture (imageData) in {holder}") from error

    def path(self, file: str) -> Path | None:
        """Return where a file is; a picture inside one has no path."""
        return None if file in self._pictures else self._source.path(file)


def _content(source: Source, path: str) -> dict[str, Any]:
    """Return what a JSON file holds; nothing if it cannot be read, which the reader reports."""
    try:
        content = load_json(source.read(path))
    except (UnreadableError, UnparsableError):
        return {}
    return content if isinstance(content, dict) else {}
