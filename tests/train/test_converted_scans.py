"""From the file that a user has to the array that the network is trained on: what prediction sees, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bonescan_yolo.commands.convert import main
from bonescan_yolo.scan import read_scans
from tests.convert.builders import GOOD, encode, pixels, voc
from tests.factories import nm_dataset, save_dicom
from tests.train.test_scan_dataset import coloured, dataset_of

GREY = pixels(1)
COUNTS = GREY.astype(np.uint16) * 3


def exif(orientation: int) -> Image.Exif:
    block = Image.Exif()
    block[0x0112] = orientation
    return block


def frames(path: Path) -> None:
    first, second = (Image.fromarray(pixels(number)) for number in (1, 2))
    first.save(path, save_all=True, append_images=[second])


MAKERS: dict[str, Callable[[Path], object]] = {
    "grey.png": lambda path: Image.fromarray(GREY).save(path),
    "grey.jpg": lambda path: Image.fromarray(GREY).save(path, quality=90),
    "grey.bmp": lambda path: Image.fromarray(GREY).save(path),
    "grey.tif": lambda path: Image.fromarray(GREY).save(path),
    "counts.png": lambda path: Image.fromarray(COUNTS).save(path),
    "counts.tif": lambda path: Image.fromarray(COUNTS).save(path),
    "floats.tif": lambda path: Image.fromarray(COUNTS.astype(np.float32) / 7).save(path),
    "inverted.png": lambda path: Image.fromarray(255 - GREY).save(path),
    "white_is_zero.tif": lambda path: Image.fromarray(GREY).save(path, tiffinfo={262: 0}),
    "colour.png": lambda path: coloured(GREY).save(path),
    "colour.jpg": lambda path: coloured(GREY).save(path, quality=95),
    "palette.png": lambda path: Image.fromarray(GREY).convert("P").save(path),
    "alpha.png": lambda path: Image.fromarray(np.stack([GREY, GREY * 0 + 255], axis=2)).save(path),
    "lying.jpg": lambda path: Image.fromarray(np.ascontiguousarray(np.rot90(GREY))).save(path, exif=exif(6)),
    "head_down.png": lambda path: Image.fromarray(GREY[::-1, ::-1].copy()).save(path, exif=exif(3)),
    "mirrored.jpg": lambda path: Image.fromarray(GREY[:, ::-1].copy()).save(path, exif=exif(2)),
    "no_end.jpg": lambda path: path.write_bytes(encode(GREY) + b"\0"),
    "two.tif": frames,
    "camera.dcm": lambda path: save_dicom(path, nm_dataset([COUNTS, COUNTS // 2], ["Anterior", "Posterior"])),
    "one.dcm": lambda path: save_dicom(path, nm_dataset([COUNTS])),
}

LINKED = {"grey.png", "grey.jpg", "grey.bmp"}
"""Files whose bytes show every reader what prediction sees."""


@pytest.mark.parametrize("name", MAKERS)
def test_what_is_trained_on_is_what_prediction_sees(name: str, tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    MAKERS[name](source / name)
    Image.fromarray(pixels(9)).save(source / "other.png")
    (source / "other.xml").write_text(voc([GOOD]))
    assert main(["voc", str(source), "--out", str(tmp_path / "out"), "--split", "100/0/0"]) == 0
    scans = dataset_of(tmp_path / "out", split="train")
    loaded = {Path(file).stem: scans.load_image(index)[0][..., 0] for index, file in enumerate(scans.im_files)}
    del loaded["other"]
    originals = read_scans(source / name)
    assert len(loaded) == len(originals)
    for scan in originals:
        stem = Path(name).stem if scan.frame_count == 1 else f"{Path(name).stem}-{scan.frame + 1}"
        np.testing.assert_array_equal(loaded[stem], scan.grey())
    written = [path for path in (tmp_path / "out" / "images").rglob("*.*") if path.stem != "other"]
    assert all((path.read_bytes() == (source / name).read_bytes()) == (name in LINKED) for path in written)
    report = json.loads((tmp_path / "out" / "convert_report.json").read_text())
    assert sum(report.get("rewritten", {}).values()) == (0 if name in LINKED else len(originals))
