"""JSON files, from their schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from docs.generators.markdown import Row, code, paragraph, sentence, table

Schema = Mapping[str, Any]

HEADS = ("key", "type", "meaning")
TYPE_WORDS = {"string": "text", "integer": "whole number", "boolean": "true or false"}


def schema_text(schema: Schema) -> str:
    """Return a table of all keys, `[]` for the members of a list, and a titled one for each part that is named."""
    parts: Schema = schema.get("$defs", {})
    blocks = [table(HEADS, list(_rows(schema, parts, "")))]
    for name, part in parts.items():
        if _is_object(part):
            text = sentence(part["description"]) if "description" in part else ""
            blocks += [f"#### {name}", text, table(HEADS, list(_rows(part, parts, "")))]
    return "\n\n".join(block for block in blocks if block)


def _rows(schema: Schema, parts: Schema, before: str) -> Iterator[Row]:
    """Yield a row for each key of an object, then for the keys inside it."""
    for key, value in schema.get("properties", {}).items():
        optional = "" if key in schema.get("required", ()) else "may be missing; "
        yield code(before + key), optional + _type(value, parts), paragraph(_description(value, parts))
        for choice in _choices(value):
            yield from _rows(choice, parts, f"{before}{key}.")
            yield from _rows(choice.get("items", {}), parts, f"{before}{key}[].")


def _description(schema: Schema, parts: Schema) -> str:
    """Return what a value means: its own words, else those of the part that it refers to, if that has no table."""
    part = _part(schema, parts)
    inherited = "" if part is None or _is_object(part) else str(part.get("description", ""))
    return str(schema.get("description", inherited))


def _type(schema: Schema, parts: Schema) -> str:
    """Return the type of a value in words."""
    part = _part(schema, parts)
    if part is not None:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name})" if _is_object(part) else _type(part, parts)
    if "const" in schema:
        return code(json.dumps(schema["const"]))
    if "enum" in schema:
        return ", ".join(code(json.dumps(each)) for each in schema["enum"])
    if len(_choices(schema)) > 1:
        return " or ".join(_type(each, parts) for each in sorted(_choices(schema), key=_is_null))
    kinds = schema.get("type", "object")
    return " or ".join(_simple(kind, schema, parts) for kind in ([kinds] if isinstance(kinds, str) else kinds))


def _simple(kind: str, schema: Schema, parts: Schema) -> str:
    """Return one of the types of a value with its limits."""
    if kind == "array":
        count = f" of {schema['minItems']}" if schema.get("minItems", 0) == schema.get("maxItems") else ""
        items: Schema = schema.get("items", {})
        return f"list{count}" if _is_object(items) else f"list{count}, each: {_type(items, parts)}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return f"object, each value: {_type(schema['additionalProperties'], parts)}"
    return TYPE_WORDS.get(kind, kind) + (_limits(schema) if kind in ("integer", "number") else "")


def _limits(schema: Schema) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema:
        return f" above {schema['exclusiveMinimum']}"
    if least is None:
        return ""
    return f" from {least}" if most is None else f" from {least} to {most}"


def _choices(schema: Schema) -> list[Schema]:
    return list(schema.get("anyOf", schema.get("oneOf", [schema])))


def _part(schema: Schema, parts: Schema) -> Schema | None:
    """Return the named part that a schema is, or None."""
    return parts[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else None


def _is_null(schema: Schema) -> bool:
    return schema.get("type") == "null"


def _is_object(schema: Schema) -> bool:
    return bool(schema.get("properties"))
