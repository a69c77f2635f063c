"""Real scans beside simulated ones, with their boxes, to see what the figures of phantom_realism do not.

    python -m benchmarks.realism.contact_sheet --real path/to/BS-80K --simulated data/sources/NAME --view anterior
        --out ../sheet.png [--count 4] [--first 0] [--resolution 115 460]

Scans are shown as in the pictures of `bonescan predict`: vermilion boxes are abnormal, green ones normal.
`--resolution` reduces the simulated scans as in phantom_realism. The sheet shows patients: it is written outside the
repository only.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from benchmarks.realism.boxed_scans import BoxedScan, add_both, read_scans
from bonescan_yolo.classes import ABNORMAL, NORMAL
from bonescan_yolo.cli import run
from bonescan_yolo.convert.survey import ANTERIOR, POSTERIOR
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.predict.colours import BACKGROUND, TEXT_COLOUR
from bonescan_yolo.predict.drawing import Panel, draw_box, show_rows
from bonescan_yolo.scan.body import rows_to_show

REPOSITORY = Path(__file__).resolve().parents[2]

ZOOM = 2
GAP_PX = 16
"""Between real and simulated scans."""

CAPTIONS = ("real", "simulated")
CAPTION_FONT_PX = 40
CAPTION_ROW_PX = 64
"""Large: a sheet is some 4,000 pixels wide and looked at reduced."""


def main(arguments: Sequence[str]) -> int:
    """Write the sheet; returns 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_both(parser)
    parser.add_argument("--view", choices=(ANTERIOR, POSTERIOR), required=True)
    parser.add_argument("--out", type=Path, required=True, help="PNG file, outside the repository")
    parser.add_argument("--count", type=int, default=4, help="scans of each set (default: 4)")
    parser.add_argument("--first", type=int, default=0, help="scans of each set to pass over (default: 0)")
    options = parser.parse_args(arguments)
    if options.count < 1 or options.first < 0:
        parser.error("--count must be 1 or more, --first 0 or more")
    require_outside(options.out)
    part = slice(options.first, options.first + options.count)
    sets = [
        take(options.real, None, options.view, part),
        take(options.simulated, options.resolution, options.view, part),
    ]
    sheet(sets).save(options.out, format="PNG")
    print(f"{options.out}: {len(sets[0])} real and {len(sets[1])} simulated scans")
    return 0


def require_outside(out: Path) -> None:
    """Refuse to put patients' pictures where they could be committed.

    Raises:
        BonescanError: `out` is inside this repository or another git checkout.
    """
    for folder in out.resolve().parents:
        if folder == REPOSITORY or (folder / ".git").exists():
            raise BonescanError(
                f"{out}: is inside the repository {folder}, and the sheet shows patients; give a path outside it"
            )


def take(folder: Path, resolution: tuple[int, int] | None, view: str, part: slice) -> list[BoxedScan]:
    """Return some scans of one view.

    Raises:
        BonescanError: there are no such scans.
    """
    scans = list(islice(read_scans(folder, resolution, view), part.start, part.stop))
    if not scans:
        raise BonescanError(
            f"{folder}: has no {view} scan number {part.start + 1}; give a lower --first or another set"
        )
    return scans


def sheet(sets: Sequence[Sequence[BoxedScan]]) -> Image.Image:
    """Return the sets side by side, each under its caption, all cut to the rows that hold bodies and boxes."""
    every = [scan for scans in sets for scan in scans]
    rows = shown_rows(every)
    width, height = ZOOM * max(scan.grey.shape[1] for scan in every), ZOOM * (rows.stop - rows.start)
    total = width * sum(len(scans) for scans in sets) + GAP_PX * (len(sets) - 1)
    canvas = Image.new("RGB", (total, CAPTION_ROW_PX + height), BACKGROUND)
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(CAPTION_FONT_PX)
    left = 0
    for caption, scans in zip(CAPTIONS, sets, strict=True):
        place = (left + width * len(scans) / 2, CAPTION_ROW_PX / 2)
        pen.text(place, caption, fill=TEXT_COLOUR, font=font, anchor="mm")
        for scan in scans:
            canvas.paste(boxed(show_rows(scan.grey, rows, ZOOM), scan), (left, CAPTION_ROW_PX))
            left += width
        left += GAP_PX
    return canvas


def shown_rows(scans: Sequence[BoxedScan]) -> slice:
    """Return the rows that hold body or boxes on any of the scans, with a margin."""
    rows = [rows_to_show(scan.grey, scan.edges) for scan in scans]
    return slice(min(each.start for each in rows), max(each.stop for each in rows))


def boxed(panel: Panel, scan: BoxedScan) -> Image.Image:
    """Return a panel of a scan in colour, with the scan's boxes."""
    image = panel.image.convert("RGB")
    pen = ImageDraw.Draw(image)
    for (is_abnormal, *_), box in zip(scan.boxes, scan.edges, strict=True):
        draw_box(pen, panel.place(box), ABNORMAL if is_abnormal else NORMAL)
    return image


if __name__ == "__main__":
    run(main)
