"""Small data sets for the converter's tests: bodies of a few pixels, boxes where the test wants them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

Corners = tuple[object, object, object, object]
Named = tuple[str, Corners]

BOMB = """<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<annotation><filename>&c;</filename></annotation>
"""


def pixels(seed: int, width: int = 256, height: int = 1024) -> np.ndarray:
    """Return a grey body with noise, uint8 `(height, width)`; another seed gives other pixels."""
    rng = np.random.default_rng(seed)
    image = np.zeros((height, width), dtype=np.uint8)
    body = (slice(height // 20, height * 3 // 4), slice(width // 3, width * 2 // 3))
    image[body] = rng.poisson(20, image[body].shape).astype(np.uint8)
    return image


def encode(image: np.ndarray, kind: str = "JPEG", quality: int = 90) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, kind, **({"quality": quality} if kind == "JPEG" else {}))
    return file.getvalue()


def scan(seed: int, width: int = 256, height: int = 1024) -> bytes:
    return encode(pixels(seed, width, height))


def voc(objects: Sequence[Named], filename: str | None = None, size: tuple[int, int] | None = (256, 1024)) -> str:
    body = f"<filename>{filename}</filename>" if filename else ""
    if size:
        body += f"<size><width>{size[0]}</width><height>{size[1]}</height><depth>1</depth></size>"
    for name, (x1, y1, x2, y2) in objects:
        corners = f"<xmin>{x1}</xmin><ymin>{y1}</ymin><xmax>{x2}</xmax><ymax>{y2}</ymax>"
        body += f"<object><name>{name}</name><bndbox>{corners}</bndbox></object>"
    return f"<annotation>{body}</annotation>"


GOOD: Named = ("Abnormal", (10, 20, 30, 60))


class Bs80k:
    """A BS-80K tree in memory; `files` may be changed freely before it is written."""

    def __init__(self, ids: Sequence[int] = (1, 2, 3), prefix: str = "temp/") -> None:
        self.prefix = prefix
        self.files: dict[str, bytes] = {}
        for folder, inner in (("wholeBodyANT", "ant"), ("wholeBodyPOST", "post")):
            lines = []
            for number in ids:
                self.files[f"{folder}/{number}.jpg"] = scan(2 * number + (inner == "post"))
                xml = voc([GOOD, ("Normal", (100, 500, 120, 520))], f"{number}.jpg")
                self.files[f"{folder}/{inner}/{number}.xml"] = xml.encode()
                lines.append(f"{number}.jpg 1\n")
            self.files[f"{folder}/{folder}.txt"] = "".join(lines).encode()

    def annotate(self, file: str, objects: Sequence[Named]) -> None:
        self.files[file] = voc(objects).encode()

    def write(self, root: Path) -> Path:
        for name, data in self.files.items():
            path = root / f"{self.prefix}{name}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return root

    def pack(self, archive: Path) -> Path:
        with zipfile.ZipFile(archive, "w") as file:
            for name, data in self.files.items():
                file.writestr(zipfile.ZipInfo(f"{self.prefix}{name}"), data)
        return archive
