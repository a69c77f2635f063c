"""Reading what Label Studio exports: JSON, JSON-MIN and CSV.

A task holds the address of an image and the annotations of one or several people. The first one that was completed
is taken. Predictions of a model do not count; only a file without a single annotation, such as one that was
written to be imported into Label Studio, is read for them.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, urlsplit

from bonescan_yolo.convert.matching.annotated_image import AnnotatedImage
from bonescan_yolo.convert.readers.annotation_text import (
    UnparsableError,
    as_number,
    as_text,
    load_json,
)
from bonescan_yolo.convert.readers.encodings import decode_text
from bonescan_yolo.convert.readers.label_studio_regions import RECTANGLE, count_regions, read_regions
from bonescan_yolo.convert.readers.shape_collector import with_fault
from bonescan_yolo.convert.source import Source, UnreadableError
from bonescan_yolo.convert.survey import Kind, Problem
from bonescan_yolo.errors import DatasetError
from bonescan_yolo.scan.pictures.raster import SUFFIXES
from bonescan_yolo.scan.read import DICOM_SUFFIXES

if TYPE_CHECKING:
    from bonescan_yolo.convert.annotation_formats import ParseOptions  # which imports the readers

ANNOTATION_KEYS: Final = ("annotations", "completions")
"""Where a task's annotations are; `completions` before version 1.0."""

MINIMAL_KEYS: Final = frozenset({"annotation_id", "annotator", "lead_time"})
"""Keys of JSON-MIN and CSV that distinguish them from other files."""

LOCAL_FILES: Final = "/data/local-files/"
"""Address of an image on the server's own disk; its path is an argument."""


def read_label_studio(source: Source, options: ParseOptions) -> Iterator[AnnotatedImage]:  # noqa: ARG001 - as all formats
    """Yield what each export in a source says of its images; JSON and CSV of other programs are passed over.

    Raises:
        DatasetError: there is no export of Label Studio.
    """
    count = 0
    for path in source.files:
        if path.lower().endswith((".json", ".csv")):
            for image in _read_file(source, path):
                count += 1
                yield image
    if not count:
        raise DatasetError(f"{source.name}: holds no export of Label Studio; export the project as JSON")


def parse_label_studio(data: bytes, path: str) -> list[AnnotatedImage] | None:
    """Parse one export.

    Args:
        data: The file's bytes.
        path: Its path inside the source; `.csv` says that it is the CSV export.

    Returns:
        A record for each task; None if the file is some other program's.

    Raises:
        UnparsableError: neither JSON nor CSV.
    """
    content = _load_csv(data) if path.lower().endswith(".csv") else load_json(data)
    items = content if isinstance(content, list) else [content]
    tasks = [task for item in items if (task := _as_task(item)) is not None]
    if not tasks:
        return None
    if len(tasks) < len(items):
        raise UnparsableError(f"has {len(items) - len(tasks)} entries that are not tasks")
    tasks = _merged(tasks)
    use_predictions = not any(_annotations(task) for task in tasks)
    return [_parse_task(task, path, use_predictions) for task in tasks]


def _read_file(source: Source, path: str) -> list[AnnotatedImage]:
    try:
        return parse_label_studio(source.read(path), path) or []
    except (UnreadableError, UnparsableError) as error:
        return [with_fault(AnnotatedImage(path), error)]


def _load_csv(data: bytes) -> list[dict[str, Any]]:
    """Return the rows of a CSV export; cells that hold JSON as what they hold."""
    try:
        rows = list(csv.DictReader(io.StringIO(decode_text(data), newline="")))
    except csv.Error as error:
        raise UnparsableError(f"is not CSV ({error})") from error
    return [{key: _cell(cell) for key, cell in row.items() if key is not None} for row in rows]


def _cell(text: Any) -> Any:
    if isinstance(text, str) and text.startswith(("[", "{")):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text


def _as_task(item: Any) -> dict[str, Any] | None:
    """Return a task as JSON has it, also one of JSON-MIN or CSV; None for anything else."""
    if not isinstance(item, dict):
        return None
    if isinstance(item.get("data"), dict):
        return item if any(key in item for key in (*ANNOTATION_KEYS, "predictions")) else None
    if not MINIMAL_KEYS & item.keys():
        return None
    regions = [region for value in item.values() for region in _minimal_regions(value)]
    annotation = {"created_at": item.get("created_at"), "result": regions}
    return {"id": item.get("id"), "data": item, "annotations": [annotation]}


def _minimal_regions(value: Any) -> list[dict[str, Any]]:
    """Return the regions in a value of JSON-MIN as results; a shape and its label have one place there, and no id."""
    if not isinstance(value, list):
        return []
    return [
        {
            "id": " ".join(str(as_number(region.get(key))) for key in RECTANGLE) if "height" in region else None,
            "value": region,
            "original_width": region.get("original_width"),
            "original_height": region.get("original_height"),
        }
        for region in value
        if isinstance(region, dict)
    ]


def _merged(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the tasks, those with the same id and image as one: JSON-MIN repeats a task for each annotator."""
    merged: dict[object, dict[str, Any]] = {}
    for number, task in enumerate(tasks):
        task_id = as_text(task.get("id"))
        key: object = number if task_id is None or "predictions" in task else (task_id, _address(task))
        first = merged.setdefault(key, task)
        if first is not task:
            annotations = [*_annotations(first), *_annotations(task)]
            first["annotations"] = sorted(annotations, key=lambda item: as_text(item.get("created_at")) or "")
    return list(merged.values())


def _annotations(task: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[Any] = next((task[key] for key in ANNOTATION_KEYS if isinstance(task.get(key), list)), [])
    return [item for item in found if isinstance(item, dict)]


def _parse_task(task: dict[str, Any], path: str, use_predictions: bool) -> AnnotatedImage:
    image = _address(task)
    done = [item for item in _annotations(task) if not (item.get("was_cancelled") or item.get("skipped"))]
    fault = None
    if use_predictions:
        predictions = task.get("predictions")
        done = [item for item in predictions if isinstance(item, dict)] if isinstance(predictions, list) else []
    if not done:
        fault = (
            f"has only skipped annotations of {image}" if _annotations(task) else f"has no annotation of {image} yet"
        )
    results = done[0].get("result") if done else []
    if not isinstance(results, list):
        results, fault = [], f"has an annotation of {image} without a list `result`"
    regions = read_regions(results, path, image)
    others = (
        [item for item in _annotations(task) if not done or item is not done[0]] if not use_predictions else done[1:]
    )
    unused = sum(count_regions(item.get("result")) for item in others)
    problems = list(regions.found.problems)
    if unused:
        reason = (
            f"{image or 'task'}: has {len(others)} further or cancelled annotations; their {unused} regions left out"
        )
        problems.append(Problem(path, Kind.DUPLICATE_FILE, reason, unused))
    described = AnnotatedImage(
        annotation=path,
        image=image,
        size=regions.size,
        objects=tuple(regions.found.objects),
        normalised=regions.size is None,
        problems=tuple(problems),
    )
    return described if fault is None else with_fault(described, fault)


def _address(task: dict[str, Any]) -> str | None:
    """Return the address of the task's image: of the texts in its data one that ends like a file, else a path."""
    data = task["data"]
    texts = [text for text in (data.get("image"), *data.values()) if isinstance(text, str) and text.strip()]
    named = [
        text
        for text in texts
        if LOCAL_FILES in text or _split(text).path.lower().endswith((*SUFFIXES, *DICOM_SUFFIXES))
    ]
    paths = [text for text in texts if "/" in text or "\\" in text]
    return next(iter([*named, *paths, *texts[:1]]), None)


def _split(address: str) -> SplitResult:
    """Return the parts of an address; all of it as path if its server cannot be parsed."""
    try:
        return urlsplit(address)
    except ValueError:
        return SplitResult("", "", address, "", "")
