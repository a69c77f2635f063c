"""The results of a run: separate files per reading, or one file for all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

from bonescan_yolo.dataset.yolo_labels import format_labels
from bonescan_yolo.files import Row, write_bytes, write_text
from bonescan_yolo.model.detector import Detector, Reading
from bonescan_yolo.predict import drawing
from bonescan_yolo.predict.formats import boxes_csv, reading_json
from bonescan_yolo.predict.formats.boxes_coco import CocoFile
from bonescan_yolo.predict.output_names import OutputNames

Format = Literal["json", "csv", "yolo", "coco"]
FORMATS: Final[tuple[Format, ...]] = ("json", "csv", "yolo", "coco")

CSV_NAME: Final = "detections.csv"
COCO_NAME: Final = "detections.json"


class ResultFiles:
    """Writes readings into a folder, with a picture of each.

    `json` and `yolo` write one file per scan at once; `csv` and `coco` write one file for all, in `close`.
    """

    def __init__(self, out: Path, form: Format, files: Sequence[Path], detector: Detector, *, pictures: bool) -> None:
        """Prepare; nothing is written yet.

        Args:
            out: the folder; made with the first file.
            form: of the results.
            files: all files of the run, so that no two scans' results share a name.
            detector: the source of the readings; the JSON describes it.
            pictures: whether a picture of each scan with its boxes is written too.
        """
        self.out = out
        self._form = form
        self._names = OutputNames(files)
        self._detector = detector
        self._pictures = pictures
        self._rows: list[Row] = []
        self._coco = CocoFile()
        self._count = 0

    def add(self, reading: Reading) -> None:
        """Write the files of one reading, or keep it for `close`."""
        self._count += 1
        scan = reading.scan
        stem = self._names.next(scan.path or Path("array"), scan.frame_count, scan.frame)
        if self._form == "json":
            write_text(self.out / f"{stem}.json", reading_json.dump(reading_json.describe(reading, self._detector)))
        elif self._form == "yolo":
            write_text(self.out / f"{stem}.txt", _labels(reading))
        elif self._form == "csv":
            self._rows += boxes_csv.rows_of(reading)
        else:
            self._coco.add(reading)
        if self._pictures:
            write_bytes(self.out / f"{stem}.png", drawing.draw(reading))

    def close(self) -> None:
        """Write the file of all readings, if the format has one and there were readings."""
        if self._form == "csv" and self._count:
            write_text(self.out / CSV_NAME, boxes_csv.dump(self._rows))
        if self._form == "coco" and self._count:
            write_text(self.out / COCO_NAME, self._coco.dump())


def _labels(reading: Reading) -> str:
    """Return a reading as YOLO labels with confidences."""
    scan = reading.scan
    return format_labels(reading.boxes, reading.classes, scan.width, scan.height, reading.confidences)
