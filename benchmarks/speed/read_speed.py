"""Measure how long one scan takes to read, by kind of file, and how long the quality check takes.

    python -m benchmarks.speed.read_speed [--scans 40] [--beside CHECKOUT]

Simulates scans and writes each as 8-bit PNG, JPEG, 16-bit PNG and uncompressed DICOM. Reads all of them in a process of
its own, several times, and prints the median of each kind in milliseconds, last as JSON. With --beside, another
checkout reads the same files in turns, and the ratio of the medians is printed: shared machines are too noisy for more.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, NuclearMedicineImageStorage, generate_uid

ROUNDS: Final = 7
COUNTS_PER_GREY: Final = 3
"""Makes counts of grey levels that need more than 8 bit."""

READ: Final = """
import json, sys, time
from pathlib import Path
from bonescan_yolo.scan import read_scans
read_scans(sys.argv[1])
took = []
for path in sys.argv[2:]:
    started = time.process_time()
    scans = read_scans(path)
    read = time.process_time()
    quality = getattr(scans[0], "quality", None)
    took.append((read - started, time.process_time() - read))
print(json.dumps(took))
"""


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--scans", type=int, default=40, help="simulated scans (%(default)s)")
    parser.add_argument("--beside", type=Path, metavar="CHECKOUT", help="another checkout to compare with")
    options = parser.parse_args()
    here = Path(__file__).parents[2]
    checkouts = {"this": here} | ({"other": options.beside.resolve()} if options.beside else {})
    with tempfile.TemporaryDirectory() as folder:
        files = make_files(Path(folder), options.scans)
        figures = {kind: _measure(paths, checkouts) for kind, paths in files.items()}
    for kind, row in figures.items():
        shown = "".join(f"  {name} {value:.2f}" for name, value in row.items())
        print(f"{kind:<12}{shown}")
    print(json.dumps(figures))
    return 0


def make_files(folder: Path, scans: int) -> dict[str, list[Path]]:
    """Return paths of simulated scans by kind of file."""
    simulate = [sys.executable, "-m", "bonescan_yolo", "simulate", "--studies", str((scans + 1) // 2)]
    subprocess.run([*simulate, "--out", str(folder / "simulated")], check=True, capture_output=True)
    sources = sorted((folder / "simulated").rglob("*.jpg"))[:scans]
    files: dict[str, list[Path]] = {"PNG": [], "JPEG": sources, "16-bit PNG": [], "DICOM": []}
    for number, source in enumerate(sources):
        grey = np.asarray(Image.open(source).convert("L"))
        files["PNG"].append(folder / f"{number}.png")
        Image.fromarray(grey).save(files["PNG"][-1])
        files["16-bit PNG"].append(folder / f"{number}-16.png")
        Image.fromarray(grey.astype(np.uint16) * COUNTS_PER_GREY).save(files["16-bit PNG"][-1])
        files["DICOM"].append(folder / f"{number}.dcm")
        _save_dicom(files["DICOM"][-1], grey.astype(np.uint16) * COUNTS_PER_GREY)
    return files


def _save_dicom(path: Path, counts: np.ndarray) -> None:
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = NuclearMedicineImageStorage, generate_uid()
    dataset.Modality, dataset.PhotometricInterpretation = "NM", "MONOCHROME2"
    dataset.Rows, dataset.Columns = counts.shape
    dataset.NumberOfFrames, dataset.SamplesPerPixel, dataset.PixelRepresentation = 1, 1, 0
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 16, 15
    dataset.PixelData = counts.astype(np.uint16).tobytes()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.save_as(path, enforce_file_format=True)


def _measure(paths: list[Path], checkouts: dict[str, Path]) -> dict[str, float]:
    """Return medians over the scans and rounds in milliseconds of CPU time, and the ratio to the other checkout."""
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in checkouts}
    for _ in range(ROUNDS):
        for name, checkout in checkouts.items():
            took[name] += _read_all(paths, checkout)
    medians = {name: 1000 * statistics.median(read for read, _ in values) for name, values in took.items()}
    row = {"read_ms": medians["this"], "quality_ms": 1000 * statistics.median(check for _, check in took["this"])}
    return row | ({"read_ratio": medians["this"] / medians["other"]} if "other" in medians else {})


def _read_all(paths: list[Path], checkout: Path) -> list[tuple[float, float]]:
    environment = dict(os.environ, PYTHONPATH=str(checkout), OPENBLAS_NUM_THREADS="1")
    command = [sys.executable, "-c", READ, str(paths[0]), *map(str, paths)]
    done = subprocess.run(command, env=environment, cwd=paths[0].parent, capture_output=True, text=True, check=True)
    pairs: list[tuple[float, float]] = json.loads(done.stdout)
    return pairs


if __name__ == "__main__":
    sys.exit(main())
