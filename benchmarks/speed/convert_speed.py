"""Measure time and memory of the converter on a data set of BS-80K's size.

Makes 3,247 scans of each view with the published numbers of annotations, and 76,050 region crops to skip, as a folder
and as a zip file, in a temporary folder. Converts each in a separate process and prints wall time and peak memory, last
as JSON.

    python -m benchmarks.speed.convert_speed [--scans 3247]
"""

from __future__ import annotations

import argparse
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 256, 1024
JPEG_QUALITY = 90
BOXES_PER_SCAN = 5
"""13,823 objects on 2,924 anterior scans, rounded up."""

CROP_FOLDERS = 26
CROPS = 2925
"""BS-80K has this many crops in each folder of a region."""

LIMIT_SECONDS = 60
LIMIT_MEGABYTES = 500

OBJECT = (
    "<object><name>{name}</name><pose>Unspecified</pose><truncated>0</truncated><difficult>0</difficult>"
    "<bndbox><xmin>{x1}</xmin><ymin>{y1}</ymin><xmax>{x2}</xmax><ymax>{y2}</ymax></bndbox></object>"
)


def main() -> int:
    """Run the benchmark; returns 1 if a limit is exceeded."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--scans", type=int, default=3247, help="scans per view (default: BS-80K's 3,247)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        started = time.perf_counter()
        make_tree(root / "temp", arguments.scans)
        make_crops(root / "temp", min(CROPS, arguments.scans))
        make_zip(root / "temp", root / "temp.zip")
        print(f"made {2 * arguments.scans} scans in {time.perf_counter() - started:.0f} s", file=sys.stderr)
        results = {kind: convert(root / kind, root / f"out-{kind}") for kind in ("temp", "temp.zip")}
    for kind, result in results.items():
        print(f"{kind}: {result['seconds']:.1f} s, {result['peak_megabytes']:.0f} MB")
    print(json.dumps({"scans": 2 * arguments.scans, "folder": results["temp"], "zip": results["temp.zip"]}))
    sound = all(
        result["seconds"] <= LIMIT_SECONDS and result["peak_megabytes"] <= LIMIT_MEGABYTES
        for result in results.values()
    )
    return 0 if sound else 1


def convert(source: Path, out: Path) -> dict[str, float]:
    """Convert in a new process; return seconds and peak resident memory in MB (10^6 bytes)."""
    command = [sys.executable, "-m", "bonescan_yolo.convert", "bs80k", str(source), "--out", str(out)]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, usage = _wait(process.pid)
        process.returncode = status
    seconds = time.perf_counter() - started
    assert status == 0, f"the converter left with status {status}"
    kilo = 1 if sys.platform == "darwin" else 1024
    return {"seconds": round(seconds, 2), "peak_megabytes": round(usage.ru_maxrss * kilo / 1e6, 1)}


def make_tree(root: Path, scans: int) -> None:
    """Write a data set in BS-80K's layout: body-like uptake with noise, so that decoding takes realistic time."""
    rng = np.random.default_rng(0)
    bodies = [body(rng) for _ in range(16)]
    for folder, inner, annotated in (("wholeBodyANT", "ant", 0.9), ("wholeBodyPOST", "post", 0.79)):
        (root / folder / inner).mkdir(parents=True)
        labels = []
        for number in range(1, scans + 1):
            counts = rng.poisson(np.roll(bodies[number % len(bodies)], int(rng.integers(-8, 9)), axis=1))
            (root / folder / f"{number}.jpg").write_bytes(jpeg(np.clip(counts * 2, 0, 255).astype(np.uint8)))
            abnormal = 0
            if rng.random() < annotated:
                abnormal = int(rng.random() < 0.4)
                xml = annotation(rng, f"{number}.jpg", bool(abnormal))
                (root / folder / inner / f"{number}.xml").write_text(xml, encoding="ascii")
            labels.append(f"{number}.jpg {abnormal}\n")
        (root / folder / f"{folder}.txt").write_text("".join(labels), encoding="ascii")


def make_crops(root: Path, crops: int) -> None:
    """Write folders of region crops; the converter never opens them, so they are small and identical."""
    data = jpeg(np.zeros((64, 64), dtype=np.uint8))
    for region in range(CROP_FOLDERS // 2):
        for view in ("ANT", "POST"):
            folder = root / f"region{region}{view}"
            folder.mkdir()
            for number in range(1, crops + 1):
                (folder / f"{number}.jpg").write_bytes(data)


def body(rng: np.random.Generator) -> np.ndarray:
    """Return expected counts `(1024, 256)` with about the shape and brightness of a body."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    trunk = 4.0 * np.exp(-(((x - 128) / 45) ** 4)) * (y > 40) * (y < 760)
    spine = 12.0 * np.exp(-(((x - 128) / 6) ** 2)) * (y > 120) * (y < 400)
    counts = trunk + spine
    for _ in range(20):
        cx, cy, width = rng.integers(70, 186), rng.integers(50, 740), rng.uniform(2, 8)
        counts += rng.uniform(10, 120) * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * width**2))
    return counts


def annotation(rng: np.random.Generator, filename: str, abnormal: bool) -> str:
    """Return a VOC file with `BOXES_PER_SCAN` boxes."""
    objects = []
    for index in range(BOXES_PER_SCAN):
        x1, y1 = int(rng.integers(0, WIDTH - 30)), int(rng.integers(0, HEIGHT - 30))
        x2, y2 = x1 + int(rng.integers(5, 25)), y1 + int(rng.integers(5, 25))
        name = "Abnormal" if abnormal and index == 0 else "Normal"
        objects.append(OBJECT.format(name=name, x1=x1, y1=y1, x2=x2, y2=y2))
    size = f"<size><width>{WIDTH}</width><height>{HEIGHT}</height><depth>1</depth></size>"
    return f"<annotation><filename>{filename}</filename>{size}{''.join(objects)}</annotation>"


def jpeg(pixels: np.ndarray) -> bytes:
    """Return a grey image as JPEG."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=JPEG_QUALITY)
    return file.getvalue()


def make_zip(folder: Path, archive: Path) -> None:
    """Pack a folder into a zip file like the downloaded one."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                file.write(path, path.relative_to(folder.parent))


def _wait(pid: int) -> tuple[int, int, resource.struct_rusage]:
    pid, status, usage = os.wait4(pid, 0)
    return pid, os.waitstatus_to_exitcode(status), usage


if __name__ == "__main__":
    sys.exit(main())
