"""PNG and DICOM come to the same grey levels as in Python, to the last bit, with the same view and spacing."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

from bonescan_yolo.scan import read_scans
from tests.factories import count_scan, grey_scan, nm_dataset, save, save_dicom
from tests.shared.scan_cases import describe_scan, expected_scan
from tests.web.conftest import WEB

pytestmark = pytest.mark.slow

COMPARED = expected_scan(grey_scan())
ReadInNode = Callable[[list[Path]], list[dict[str, Any]]]


@pytest.fixture(scope="session")
def read_in_node(node: str) -> ReadInNode:
    """Return a function that reads files with the page's own reader, run by Node.js."""

    def read(paths: list[Path]) -> list[dict[str, Any]]:
        command = [node, "build/run.mjs", "test/greys.ts", *map(str, paths)]
        done = subprocess.run(command, cwd=WEB, capture_output=True, text=True, timeout=120, check=True)
        found = [json.loads(line) for line in done.stdout.splitlines()]
        return [{"scans": [compared(scan) for scan in file["scans"]]} if "scans" in file else file for file in found]

    return read


def expected(path: Path) -> dict[str, Any]:
    return {"scans": [compared(describe_scan(scan)) for scan in read_scans(path)]}


def compared(scan: dict[str, Any]) -> dict[str, Any]:
    """Return what must be the same whatever the file."""
    return {key: value for key, value in scan.items() if key in COMPARED}


def check(read_in_node: ReadInNode, paths: list[Path]) -> None:
    for path, found in zip(paths, read_in_node(paths), strict=True):
        assert found == expected(path), path.name


def noisy_counts(seed: int, scale: float) -> np.ndarray:
    """Return (1024, 256) uint16 counts of a body and hot spots, with Poisson noise."""
    counts = np.random.default_rng(seed).poisson(grey_scan() * scale)
    return np.minimum(counts, 65535).astype(np.uint16)


def test_png_of_every_depth(tmp_path: Path, read_in_node: ReadInNode) -> None:
    grey = grey_scan()
    paths = [save(tmp_path / "1_ant.png", grey), save(tmp_path / "1_post.png", 255 - grey)]
    for seed, scale in enumerate((0.02, 0.3, 1.7, 40.0, 250.0)):
        paths.append(save(tmp_path / f"counts{seed}.png", noisy_counts(seed, scale)))
    counts = noisy_counts(9, 3.0)
    paths.append(save(tmp_path / "inverted.png", (counts.max() - counts).astype(np.uint16)))
    paths.append(save(tmp_path / "empty.png", np.zeros((64, 64), np.uint16)))
    paths.append(save(tmp_path / "odd.png", counts[:333, :101]))
    for mode in ("RGB", "RGBA", "LA", "1"):
        paths.append(tmp_path / f"{mode}.png")
        Image.fromarray(grey[:, :251]).convert(mode).save(paths[-1])
    for bits in (1, 2, 4, 8):
        paths.append(tmp_path / f"palette{bits}.png")
        Image.fromarray(grey[:, :251]).quantize(2**bits).save(paths[-1], bits=bits)
    check(read_in_node, paths)


def test_dicom_of_one_and_two_views(tmp_path: Path, read_in_node: ReadInNode) -> None:
    first, second = noisy_counts(1, 2.0), noisy_counts(2, 5.0)
    views = ("Anterior", "Posterior")
    paths = [
        save_dicom(tmp_path / "both.dcm", nm_dataset([first, second], views)),
        save_dicom(tmp_path / "unknown.dcm", nm_dataset([first, second], spacing=None)),
        save_dicom(tmp_path / "post.dcm", nm_dataset([first])),
        save_dicom(tmp_path / "turned.dcm", nm_dataset([first.max() - first], photometric="MONOCHROME1")),
        save_dicom(tmp_path / "counts.dcm", nm_dataset([first], photometric="MONOCHROME1", spacing=(2.0, 2.5))),
    ]
    windows = nm_dataset([first, second], views, windows=[(126.0, 154.0), (92.0, 125.0)], window_vector=[1, 2])
    paths.append(save_dicom(tmp_path / "windows.dcm", windows))
    in_order = nm_dataset([first, second], views)
    del in_order.DetectorVector
    paths.append(save_dicom(tmp_path / "in_order.dcm", in_order))
    named = nm_dataset([first])
    named.SeriesDescription = "WB POSTERIOR 3H"
    paths.append(save_dicom(tmp_path / "IM0001", named))
    check(read_in_node, paths)


def test_dicom_of_other_encodings(tmp_path: Path, read_in_node: ReadInNode) -> None:
    counts = noisy_counts(3, 4.0)
    paths = []
    for name, syntax in (("implicit", ImplicitVRLittleEndian), ("big", ExplicitVRBigEndian)):
        dataset = Dataset()
        dataset.update(nm_dataset([counts], ("Anterior",)))
        dataset.PixelData = counts.astype(">u2" if name == "big" else "<u2").tobytes()
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = syntax
        paths.append(tmp_path / f"{name}.dcm")
        dataset.save_as(paths[-1], enforce_file_format=True)
    rescaled = nm_dataset([counts])
    rescaled.RescaleSlope, rescaled.RescaleIntercept = "0.37", "-5.5"
    paths.append(save_dicom(tmp_path / "rescaled.dcm", rescaled))
    signed = nm_dataset([counts])
    signed.PixelRepresentation, signed.BitsStored, signed.HighBit = 1, 12, 11
    signed.PixelData = (np.minimum(counts, 2000).astype(np.int16) - 20).astype("<i2").tobytes()
    paths.append(save_dicom(tmp_path / "signed.dcm", signed))
    bytes_only = nm_dataset([counts])
    bytes_only.BitsAllocated, bytes_only.BitsStored, bytes_only.HighBit = 8, 8, 7
    bytes_only.PixelData = grey_scan().tobytes()
    paths.append(save_dicom(tmp_path / "bytes.dcm", bytes_only))
    long = nm_dataset([counts])
    long.BitsAllocated, long.BitsStored, long.HighBit = 32, 32, 31
    long.PixelData = (counts.astype("<u4") * 70_001).tobytes()
    paths.append(save_dicom(tmp_path / "long.dcm", long))
    check(read_in_node, paths)


def test_a_file_without_prefix_is_read_by_its_suffix(tmp_path: Path, read_in_node: ReadInNode) -> None:
    dataset = nm_dataset([count_scan()], ("Anterior",))
    known = expected(save_dicom(tmp_path / "known.dcm", dataset))
    del dataset.file_meta
    dataset.preamble = None
    paths = [tmp_path / "implicit.dcm", tmp_path / "explicit.dcm"]
    for path in paths:
        dataset.save_as(path, implicit_vr=path.stem == "implicit", little_endian=True, enforce_file_format=False)
    assert read_in_node(paths) == [known, known]  # Python refuses them: they do not give their transfer syntax


def test_a_scan_of_a_camera_reads_once_it_is_uncompressed(tmp_path: Path, read_in_node: ReadInNode) -> None:
    source = get_testdata_file("JPGExtended.dcm")
    assert isinstance(source, str)
    (refused,) = read_in_node([Path(source)])
    assert refused["error"].endswith(
        "is compressed DICOM (JPEG), which this page cannot decode; export it uncompressed"
    )
    dataset = pydicom.dcmread(source)
    dataset.decompress()
    dataset.save_as(tmp_path / "plain.dcm")
    check(read_in_node, [tmp_path / "plain.dcm"])


def test_what_is_refused_is_refused_in_the_words_of_python(tmp_path: Path, read_in_node: ReadInNode) -> None:
    counts = count_scan()
    changes: dict[str, dict[str, Any]] = {
        "ct": {"Modality": "CT"},
        "tomo": {"ImageType": ["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"]},
        "colour": {"SamplesPerPixel": 3},
        "frames": {"NumberOfFrames": 40},
        "tiny": {"Rows": 8},
    }
    paths = []
    for name, change in changes.items():
        dataset = nm_dataset([counts])
        for keyword, value in change.items():
            setattr(dataset, keyword, value)
        paths.append(save_dicom(tmp_path / f"{name}.dcm", dataset))
    paths.append(save(tmp_path / "small.png", np.zeros((20, 20), np.uint8)))
    paths.append(tmp_path / "empty.png")
    paths[-1].touch()
    for path, found in zip(paths, read_in_node(paths), strict=True):
        with pytest.raises(Exception, match=path.name) as caught:
            read_scans(path)
        assert found == {"error": str(caught.value)}
