"""Reading a YAML file that a user edits into a validated, frozen record."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from bonescan_yolo.errors import SettingsError


class Config(BaseModel):
    """Base of every configuration: unknown keys are errors, values cannot change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


ConfigT = TypeVar("ConfigT", bound=Config)


def read_yaml(path: Path) -> dict[str, object]:
    """Read a YAML file that holds a mapping.

    Raises:
        SettingsError: the file is missing, is not YAML, or is not a mapping.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise SettingsError(f"{path}: is not valid YAML ({reason}); fix the syntax") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise SettingsError(f"{path}: has no `key: value` pairs; see configs/ for an example")
    return {str(key): value for key, value in content.items()}


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
    where = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        known = _keys_at(kind, detail["loc"][:-1])
        nearest = difflib.get_close_matches(str(detail["loc"][-1]), known, n=1, cutoff=0.5)
        hint = f"did you mean `{nearest[0]}`?" if nearest else f"known keys: {', '.join(sorted(known))}"
        return f"unknown key `{where}`; {hint}"
    reason = detail["msg"][:1].lower() + detail["msg"][1:]
    return f"`{where}` is {detail.get('input')!r}: {reason}; fix the value"


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
