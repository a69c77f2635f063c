"""Which class an annotation's name means: `abnormal`, `normal`, or what the user says with `--map`."""

from __future__ import annotations

import csv
import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bonescan_yolo.classes import CLASS_NAMES, parse_class_name
from bonescan_yolo.convert.matching.annotated_image import AnnotatedImage
from bonescan_yolo.convert.survey import Annotation, Kind, Problem
from bonescan_yolo.errors import SettingsError

NUMBERED: Final = re.compile(r"\d+\s*[:.)\-]\s*(.*)", re.DOTALL)
"""A name behind its number, as some tools export it: `0: Benign`."""

SHOWN_NAMES: Final = 20


@dataclass(frozen=True)
class ClassMap:
    """Names and the classes they mean. Names are compared without case, outer spaces and a number in front.

    Attributes:
        targets: the class name (`abnormal` or `normal`) of each name that the user gave, or None to leave its objects
            out. Names are as `_key` returns them.
        given: the names as the user gave them, for messages.
    """

    targets: Mapping[str, str | None] = field(default_factory=dict)
    given: Sequence[str] = ()

    def applied(self, item: AnnotatedImage) -> AnnotatedImage:
        """Return the image with its objects under this project's class names.

        Objects that the user leaves out become problems of `Kind.CLASS_LEFT_OUT`. Unknown names stay as they are.
        """
        objects: list[Annotation] = []
        problems = list(item.problems)
        for annotation in item.objects:
            name = self._class_name(annotation.name)
            if name is None:
                reason = f"class {annotation.name.strip()[:40]!r} is left out as --map says"
                problems.append(Problem(item.annotation, Kind.CLASS_LEFT_OUT, reason, 1))
            else:
                objects.append(dataclasses.replace(annotation, name=name))
        return dataclasses.replace(item, objects=tuple(objects), problems=tuple(problems))

    def unused(self, names: Iterable[str]) -> list[str]:
        """Return the names that the user gave and that no annotation has."""
        found = {key for name in names for key in (_key(name), _without_number(_key(name)))}
        return [name for name in self.given if _key(name) not in found]

    def class_of(self, name: str) -> str | None:
        """Return `abnormal`, `normal`, an empty text for a name whose objects are left out, or None if unknown."""
        meant = self._class_name(name)
        if meant is None:
            return ""
        class_id = parse_class_name(meant)
        return None if class_id is None else CLASS_NAMES[class_id]

    def _class_name(self, name: str) -> str | None:
        """Return the class name that a name means, the name itself if it is unknown, or None to leave it out."""
        for key in (_key(name), _without_number(_key(name))):
            if key in self.targets:
                return self.targets[key]
            if parse_class_name(key) is not None:
                return name if parse_class_name(name) is not None else key
        return name


NO_MAP: Final = ClassMap()


def parse_map(texts: Iterable[str]) -> ClassMap:
    """Read `Malignant=abnormal,Benign=normal,regress=`; nothing after the equals sign leaves the objects out.

    Raises:
        SettingsError: a part has no equals sign, no name or an unknown class, or a name occurs twice.

    Examples:
        >>> from bonescan_yolo.convert.class_map import parse_map
        >>> dict(parse_map(["Malignant=abnormal, regress="]).targets)
        {'malignant': 'abnormal', 'regress': None}
    """
    targets: dict[str, str | None] = {}
    given: list[str] = []
    parts = [part for text in texts for row in csv.reader([text], skipinitialspace=True) for part in row]
    for part in parts:
        if not part.strip():
            continue
        name, equals, target = (piece.strip() for piece in part.rpartition("="))
        if not equals or not name:
            raise SettingsError(f"--map {part.strip()}: is not NAME=CLASS; write Malignant=abnormal,Benign=normal")
        class_id = parse_class_name(target)
        if target and class_id is None:
            known = " or ".join(CLASS_NAMES)
            raise SettingsError(f"--map {part.strip()}: {target} is not a class; give {known}, or nothing to leave out")
        meant = None if class_id is None else CLASS_NAMES[class_id]
        if targets.setdefault(_key(name), meant) != meant:
            raise SettingsError(f"--map {part.strip()}: maps {name} to two classes; give it once")
        given.append(name)
    return ClassMap(targets, tuple(given))


def class_table(names: Mapping[str, int]) -> str:
    """Return the class names of a source and how many objects each has, in a line; the first twenty of them."""
    shown = [f"{name[:40]} ({count:,})" for name, count in list(names.items())[:SHOWN_NAMES]]
    more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
    return f"class names found: {', '.join(shown)}{more}"


def _key(name: str) -> str:
    """Return a name in the form in which names are compared."""
    return " ".join(name.split()).casefold()


def _without_number(key: str) -> str:
    match = NUMBERED.fullmatch(key)
    return match[1] if match and match[1] else key
