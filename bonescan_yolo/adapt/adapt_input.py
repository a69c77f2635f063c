"""What the user named becomes a data set: an already converted one, or annotations in any format of `convert`."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bonescan_yolo import cli
from bonescan_yolo.convert.class_map import NO_MAP, ClassMap
from bonescan_yolo.convert.conversion import Options
from bonescan_yolo.convert.converting import BS80K, Request, convert_annotations, guess_format_of
from bonescan_yolo.convert.split import Fractions
from bonescan_yolo.dataset.dataset_yaml import CONVERT_REPORT, Dataset, read_dataset
from bonescan_yolo.errors import SettingsError
from bonescan_yolo.files import read_regular

DATASET_YAML: Final = "dataset.yaml"
YAML_SUFFIXES: Final = (".yaml", ".yml")


@dataclass(frozen=True)
class AnnotatedSource:
    """What the user named, and how it is to be read.

    Attributes:
        place: a folder, archive or file with annotations, or the dataset.yaml of a converted data set.
        source_format: as `bonescan convert` names it; None if it is to be guessed.
        images: folder of the images; None if they are where the annotations are.
        conversion: of `conversion_options`.
    """

    place: Path
    source_format: str | None
    images: Path | None
    conversion: Options

    @property
    def converted_yaml(self) -> Path | None:
        """The dataset.yaml, if the data set is converted already."""
        if self.place.suffix.lower() in YAML_SUFFIXES:
            return self.place
        beside = self.place / DATASET_YAML
        return beside if beside.is_file() and (self.place / CONVERT_REPORT).is_file() else None


def conversion_options(classes: ClassMap = NO_MAP, **others: Any) -> Options:
    """Return the options of a conversion that keeps all scans together."""
    return Options(
        seed=0,
        split="100/0/0",
        fractions=Fractions(1.0, 0.0, 0.0),
        folds=0,
        strict=False,
        fix_wrapped=True,
        images="link",
        classes=classes,
        **others,
    )


def convert_to(folder: Path, source: AnnotatedSource) -> Dataset:
    """Convert annotations into a folder, and say on standard error what was left out.

    Raises:
        BonescanError: they cannot be converted, see `bonescan convert`; or an option does not fit the format.
    """
    source_format = source.source_format or guess_format_of(source.place)
    if source_format == BS80K and (source.images is not None or source.conversion.patient is not None):
        raise SettingsError(f"{source.place}: is in BS-80K's layout, which says both; leave --images and --patient out")
    if source.source_format is None:
        cli.say(f"{source.place}: annotations are read as {source_format}", sys.stderr)
    convert_annotations(
        Request(
            source=source.place,
            source_format=source_format,
            images=source.images,
            out=folder,
            title=None,
            options=source.conversion,
        )
    )
    _say_problems(folder)
    return read_dataset(folder / DATASET_YAML, needed=())


def read_converted(source: AnnotatedSource, yaml: Path) -> Dataset:
    """Return a converted data set.

    Raises:
        BonescanError: it cannot be read, or options of a conversion were given.
    """
    if (source.source_format, source.images, source.conversion) != (None, None, conversion_options()):
        raise SettingsError(
            f"{source.place}: is converted already; leave --format, --images, --map, --patient and --inverted out"
        )
    return read_dataset(yaml, needed=())


def _say_problems(folder: Path) -> None:
    """Say which scans or boxes a conversion left out or doubts."""
    report: dict[str, Any] = json.loads(read_regular(folder / CONVERT_REPORT))
    for warning in report.get("warnings", []):
        cli.say(f"note: {warning}", sys.stderr)
    counts = report["problem_counts"]
    if counts:
        words = ", ".join(f"{number} x {kind}" for kind, number in counts.items())
        cli.say(f"note: the conversion has problems ({words}); scans/convert_report.txt lists them", sys.stderr)
