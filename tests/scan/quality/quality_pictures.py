"""Drawn bodies and what people take for them: the pictures of tests/shared/quality, which Python and the page judge.

    python -m tests.scan.quality.quality_pictures

draws them again, and writes what the rule says of each into cases.json.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bonescan_yolo.scan.quality.quality import assess
from bonescan_yolo.scan.record import normalise_pixels

FOLDER = Path(__file__).parents[2] / "shared" / "quality"

Picture = NDArray[Any]

PARTS = (
    (22.0, 32.0, 11.0, 7.5),
    (34.0, 32.0, 5.0, 3.5),
    (78.0, 32.0, 44.0, 14.0),
    (118.0, 32.0, 12.0, 15.0),
    (82.0, 13.0, 42.0, 3.2),
    (82.0, 51.0, 42.0, 3.2),
    (172.0, 25.0, 56.0, 5.5),
    (172.0, 39.0, 56.0, 5.5),
)
"""Ellipses of a body on 256 x 64 pixels: middle row and column, half height and half width."""

LEGS_FROM_ROW, LEG_PART = 132, 0.5
"""Legs are less bright than the trunk."""

BODY_COUNTS, BONE_COUNTS, AIR_COUNTS = 40.0, 80.0, 0.3


def body(scale: int = 1, counts: float = 1.0) -> Picture:
    """Return the counts of a drawn body on 256 x 64 pixels, each split into scale x scale."""
    rows, columns = (np.indices((256 * scale, 64 * scale)) + 0.5) / scale
    mean = np.full(rows.shape, AIR_COUNTS)
    for row, column, half_height, half_width in PARTS:
        inside = ((rows - row) / half_height) ** 2 + ((columns - column) / half_width) ** 2 < 1
        mean = np.where(inside, BODY_COUNTS * np.where(rows > LEGS_FROM_ROW, LEG_PART, 1), mean)
    spine = (np.abs(columns - 32) < 2.5) & (rows > 34) & (rows < 118)
    mean = np.where(spine, BONE_COUNTS, mean)
    return np.random.default_rng(3).poisson(mean * counts).astype(np.uint16)


def grey(scale: int = 1) -> Picture:
    """Return the drawn body as an 8-bit picture."""
    return np.minimum(body(scale), 255).astype(np.uint8)


def blobs(*places: tuple[float, float, float, float]) -> Picture:
    """Return ellipses on 128 x 128 pixels in Poisson noise: middle row and column, half height and half width."""
    rows, columns = np.indices((128, 128)) + 0.5
    mean = np.full(rows.shape, 1.0)
    for row, column, half_height, half_width in places:
        mean[((rows - row) / half_height) ** 2 + ((columns - column) / half_width) ** 2 < 1] = 50
    return np.random.default_rng(4).poisson(mean).astype(np.uint8)


def pictures() -> dict[str, Picture]:
    """Return the pictures by name."""
    scan = grey()
    noise = np.random.default_rng(5)
    text = np.zeros((252, 64), np.uint8)
    for row in range(6, 240, 6):
        text[row : row + 3, 6:58] = noise.integers(80, 255, (3, 52), dtype=np.uint8)
    return {
        "body": scan,
        "body_of_512": grey(2),
        "body_in_counts": body(2),
        "body_dark_on_white": 255 - np.minimum(scan * 2, 255),
        "body_with_frame_line": np.pad(scan, 1, constant_values=200),
        "body_in_wide_frame": np.pad(scan, ((0, 0), (90, 40))),
        "body_of_few_counts": body(counts=0.5),
        "body_at_bright_window": np.minimum(scan * 4.5, 255).astype(np.uint8),
        "white_body": np.minimum(scan * 30.0, 255).astype(np.uint8),
        "mask": (scan > 8).astype(np.uint8) * 255,
        "lying_head_left": np.rot90(scan),
        "lying_head_right": np.rot90(scan, 3),
        "upside_down": np.rot90(scan, 2),
        "side_by_side": np.hstack([scan, scan[:, ::-1]]),
        "arms_touching": np.hstack([scan[:, 10:55], scan[:, 9:54]]),
        "four_panels": np.hstack([scan, scan, scan, scan]),
        "stacked": np.vstack([scan, scan]),
        "head_and_chest": scan[:95],
        "legs": scan[130:],
        "legs_in_full_frame": np.where(np.arange(256)[:, None] > 125, scan, 0).astype(np.uint8),
        "without_head": scan[45:],
        "half_a_body": scan[:, :32],
        "hot_as_dark_in_black": np.pad(255 - np.minimum(scan * 2, 255), ((10, 10), (50, 50))),
        "squashed": np.asarray(Image.fromarray(scan).resize((128, 128))),
        "lungs": blobs((60, 40, 34, 16), (60, 86, 34, 16)),
        "kidneys": blobs((60, 44, 18, 10), (62, 86, 18, 10)),
        "heart": blobs((64, 60, 20, 18)),
        "flood": noise.poisson(30, (256, 64)).astype(np.uint8),
        "clouds": np.asarray(Image.fromarray(noise.integers(0, 255, (16, 4), dtype=np.uint8)).resize((64, 256))),
        "dashes": np.where(noise.random((256, 64)) < 0.04, noise.integers(120, 255, (256, 64)), 0).astype(np.uint8),
        "text": text,
    }


def main() -> None:
    """Write the pictures and the cases."""
    cases = []
    for name, picture in pictures().items():
        Image.fromarray(np.ascontiguousarray(picture)).save(FOLDER / f"{name}.png")
        quality = assess(normalise_pixels(np.ascontiguousarray(picture), name)[0])
        codes = [doubt.code for doubt in quality.doubts]
        cases.append({"file": f"{name}.png", "refused": quality.refused, "codes": codes})
    lines = ",\n  ".join(json.dumps(case) for case in cases)
    (FOLDER / "cases.json").write_text(f'{{"cases": [\n  {lines}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
