"""The results of a run: separate files per reading, or one file for all, in one of several formats."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

from bonescan_yolo.files import write_bytes
from bonescan_yolo.model.detector import Detector, Reading
from bonescan_yolo.predict import drawing
from bonescan_yolo.predict.formats.result_format import ResultFormat
from bonescan_yolo.predict.output_names import OutputNames, ViewNames
from bonescan_yolo.scan.record import Scan

Format = Literal["json", "csv", "yolo", "coco", "labelme", "cvat", "label-studio"]
FORMATS: Final[tuple[Format, ...]] = ("json", "csv", "yolo", "coco", "labelme", "cvat", "label-studio")

TO_CORRECT: Final[tuple[Format, ...]] = ("labelme", "cvat", "label-studio")
"""Formats of annotation tools. The folder then holds the scans as PNG under names that state the view, and no pictures
with boxes: the tools would show them as further scans."""


class ResultFiles:
    """Writes readings into a folder, with a picture of each."""

    def __init__(self, out: Path, form: Format, files: Sequence[Path], detector: Detector, *, pictures: bool) -> None:
        """Prepare; nothing is written yet.

        Args:
            out: the folder; made with the first file.
            form: of the results.
            files: all files of the run, so that no two scans' results share a name.
            detector: the source of the readings; the JSON describes it.
            pictures: whether a picture of each scan with its boxes is written too, if the format allows it.
        """
        self.out = out
        self._view_names = ViewNames() if form in TO_CORRECT else None
        self._names = OutputNames(files)
        self._writer = make_writer(form, out, detector)
        self._pictures = pictures and form not in TO_CORRECT

    def add(self, reading: Reading) -> None:
        """Write the files of one reading, or add it to the file of all readings."""
        stem = self._stem_of(reading.scan)
        self._writer.add(reading, stem)
        if self._pictures:
            write_bytes(self.out / f"{stem}.png", drawing.draw(reading))

    def close(self) -> None:
        """Complete the file of all readings, if the format has one and there were readings; also after an interrupt."""
        self._writer.close()

    def _stem_of(self, scan: Scan) -> str:
        path = scan.path or Path("array")
        if self._view_names is not None:
            return self._view_names.next(path, scan.frame_count, scan.frame, scan.view)
        return self._names.next(path, scan.frame_count, scan.frame)


def make_writer(form: Format, out: Path, detector: Detector, served_as: str | None = None) -> ResultFormat:
    """Return the writer of a format into a folder; only its own module is imported.

    Args:
        form: of the results.
        out: the folder.
        detector: the source of the readings.
        served_as: the folder's name when an annotation tool's server shows its pictures, if not that of `out`.
    """
    if form == "json":
        from bonescan_yolo.predict.formats.reading_json import JsonFiles

        return JsonFiles(out, detector)
    if form == "csv":
        from bonescan_yolo.predict.formats.boxes_csv import CsvTable

        return CsvTable(out)
    if form == "yolo":
        from bonescan_yolo.predict.formats.boxes_yolo import YoloFiles

        return YoloFiles(out)
    if form == "coco":
        from bonescan_yolo.predict.formats.boxes_coco import CocoResults

        return CocoResults(out)
    return _make_tool_writer(form, out, detector, served_as)


def _make_tool_writer(form: Format, out: Path, detector: Detector, served_as: str | None) -> ResultFormat:
    """Return the writer of a format of annotation tools."""
    if form == "labelme":
        from bonescan_yolo.predict.formats.boxes_labelme import LabelmeFiles

        return LabelmeFiles(out)
    if form == "cvat":
        from bonescan_yolo.predict.formats.boxes_cvat import CvatFiles

        return CvatFiles(out)
    from bonescan_yolo.predict.formats.boxes_label_studio import LabelStudioFiles

    return LabelStudioFiles(out, detector, served_as)
