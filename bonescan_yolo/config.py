"""Reading a YAML file that a user edits into a validated, frozen record."""

from __future__ import annotations

import difflib
import errno
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from bonescan_yolo.errors import SettingsError

MOST_FILE_BYTES: Final = 256 << 10
"""Of a YAML file, before it is read: pure Python reads 100 kB a second. The largest shipped one has 20 kB."""

MOST_NESTED: Final = 50
"""Levels of sections and lists in each other."""

MOST_VALUES: Final = 50_000
"""Of a file, those that an alias repeats counted each time: nine aliases of nine can stand for a billion."""

MOST_INTEGER_BITS: Final = 64

INTEGER_TAG: Final = "tag:yaml.org,2002:int"

SHOWN_CHARS: Final = 80
"""Of a value or reason in a message."""


class Config(BaseModel):
    """Base of every configuration: unknown keys are errors, numbers are finite, values cannot change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


ConfigT = TypeVar("ConfigT", bound=Config)


def read_yaml(path: Path) -> dict[str, object]:
    """Read a YAML file that holds a mapping.

    Raises:
        SettingsError: the file is missing, no regular file or too large, is not YAML, or is not a mapping; or it is
            nested too deep or repeats too much by aliases.
    """
    try:
        content = _load(_read_text(path))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror or error}); check the path") from error
    except RecursionError as error:
        raise SettingsError(f"{path}: is nested too deep; allowed are {MOST_NESTED} levels") from error
    except (yaml.YAMLError, ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
        # PyYAML lets errors of Python pass where a value does not fit its type: `2020-99-99`, `!!int abc`
        reason = _shortened(" ".join(str(error).split()), 2 * SHOWN_CHARS)
        raise SettingsError(f"{path}: is not valid YAML ({reason}); fix the syntax") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise SettingsError(f"{path}: has no `key: value` pairs; see configs/ for an example")
    return {str(key): value for key, value in content.items()}


def _read_text(path: Path) -> str:
    """Return the text of a regular file: a pipe or device may never end."""
    details = path.stat()
    if stat.S_ISDIR(details.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(details.st_mode):
        raise SettingsError(f"{path}: is not a regular file; give a YAML file")
    if details.st_size > MOST_FILE_BYTES:
        raise SettingsError(f"{path}: has more than {MOST_FILE_BYTES >> 10} kB; give a YAML file of settings")
    return path.read_text(encoding="utf-8")


def _load(text: str) -> object:
    """Return the content of a YAML text; its size is bounded before it is built.

    Raises:
        ValueError: it is nested too deep, repeats too much, or has a number of too many digits.
    """
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _require_bounded(node, {}, MOST_NESTED)
        content: object = loader.construct_document(node)
    finally:
        loader.dispose()
    return content


def _require_bounded(node: yaml.Node, sizes: dict[int, int], levels: int) -> int:
    """Return how many values a node stands for, what aliases repeat counted each time.

    Args:
        node: to count.
        sizes: of the nodes counted so far, by their id; 0 while a node is being counted.
        levels: that may be nested in each other from here on.
    """
    if levels == 0:
        raise ValueError(f"nested more than {MOST_NESTED} levels deep")
    if id(node) in sizes:
        if not sizes[id(node)]:
            raise ValueError("an alias repeats what holds it")
        return sizes[id(node)]
    sizes[id(node)] = 0
    children: list[yaml.Node] = []
    if isinstance(node, yaml.MappingNode):
        children = [part for pair in node.value for part in pair]
    elif isinstance(node, yaml.SequenceNode):
        children = node.value
    elif node.tag == INTEGER_TAG and len(node.value) > MOST_INTEGER_BITS:
        raise ValueError(f"the number {_shortened(node.value, SHOWN_CHARS // 2)} has too many digits")
    size = 1 + sum(_require_bounded(child, sizes, levels - 1) for child in children)
    if size > MOST_VALUES:
        raise ValueError(f"its aliases stand for more than {MOST_VALUES} values")
    sizes[id(node)] = size
    return size


def _shortened(text: str, most: int) -> str:
    """Return a text, cut to a number of characters."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def merged(base: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    """Return `base` with `changes` laid over it; sections are merged key by key, at every depth.

    Examples:
        >>> from bonescan_yolo.config import merged
        >>> merged({"a": 1, "b": {"c": 2, "d": 3}}, {"b": {"d": 4}})
        {'a': 1, 'b': {'c': 2, 'd': 4}}
    """
    result = dict(base)
    for key, value in changes.items():
        below = result.get(key)
        result[key] = merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return result


def read_config(path: Path, kind: type[ConfigT]) -> ConfigT:
    """Read `path` into a record of type `kind`.

    Raises:
        SettingsError: the file cannot be read, or a key or value is wrong. The message names the first problem,
            and the nearest valid key if a key is unknown.
    """
    return validate(read_yaml(path), kind, source=str(path))


def validate(values: dict[str, object], kind: type[ConfigT], source: str) -> ConfigT:
    """Return `values` as a record of type `kind`; `source` names their origin in the error."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise SettingsError(f"{source}: {_explain(error.errors()[0], kind)}") from error


def _explain(detail: ErrorDetails, kind: type[Config]) -> str:
    """Return one line for one validation error."""
    where = _shortened(".".join(str(part) for part in detail["loc"]), SHOWN_CHARS)
    if detail["type"] == "extra_forbidden":
        known = _keys_at(kind, detail["loc"][:-1])
        nearest = difflib.get_close_matches(str(detail["loc"][-1])[:SHOWN_CHARS], known, n=1, cutoff=0.5)
        hint = f"did you mean `{nearest[0]}`?" if nearest else f"known keys: {', '.join(sorted(known))}"
        return f"unknown key `{where}`; {hint}"
    reason = detail["msg"][:1].lower() + detail["msg"][1:]
    return f"`{where}` is {_shortened(repr(detail.get('input')), SHOWN_CHARS)}: {reason}; fix the value"


def _keys_at(kind: type[Config], location: tuple[int | str, ...]) -> list[str]:
    """Return the keys allowed in the (nested) section at `location`."""
    model: type[BaseModel] = kind
    for part in location:
        field = model.model_fields.get(str(part))
        if field is None:
            break
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            model = annotation
    return list(model.model_fields)
