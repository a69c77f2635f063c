"""The JSON file by which operating points go from `bonescan fit-thresholds` to `export` and `release`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from bonescan_yolo.errors import SettingsError
from bonescan_yolo.files import read_regular, write_text
from bonescan_yolo.model.operating_points import OperatingPoints, points_of

SCHEMA_VERSION: Final = 1


def write_points(path: Path, points: OperatingPoints) -> None:
    """Write operating points; the file is replaced whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    write_text(path, json.dumps({"schema_version": SCHEMA_VERSION, **points.as_record()}, indent=2) + "\n")


def read_points(path: Path) -> OperatingPoints:
    """Return the operating points in a file.

    Raises:
        SettingsError: it is missing, or is not a file of `write_points`.
    """
    try:
        record = json.loads(read_regular(path))
        if record.pop("schema_version") != SCHEMA_VERSION:
            raise ValueError("another schema version")
        return points_of(record)
    except OSError as error:
        raise SettingsError(
            f"{path}: cannot be read; give a file that `bonescan fit-thresholds --out` wrote"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SettingsError(
            f"{path}: holds no operating points; give a file that `bonescan fit-thresholds --out` wrote"
        ) from error
