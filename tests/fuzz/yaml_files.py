"""Changing YAML files: bytes, lines, and values that PyYAML or a reader of settings may stumble over."""

from __future__ import annotations

from random import Random

VALUES = (
    "2020-99-99",
    "!!int abc",
    "9" * 5000,
    "0x" + "f" * 5000,
    ".nan",
    ".inf",
    "-.inf",
    "1e999",
    "-1",
    "null",
    "~",
    "[]",
    "{}",
    "[1",
    "{a: 1",
    "[3, 2]",
    "[.nan, .nan]",
    "[-.inf, .inf]",
    "'",
    '"\\ud800"',
    "!!python/object/apply:os.getcwd []",
    "!!bool x",
    "!!float x",
    "!!timestamp x",
    "!!binary x",
    "!!set x",
    "!!omap x",
    "*nothing",
    "&a [*a]",
    "? [1, 2]",
    "<<",
    "[" * 300,
    "{a: " * 300,
    "1:2:3",
    "=",
    "!<x> y",
    "|",
    ">\n  x",
    "%",
    "@",
    "\t",
    "\x00",
    "\ufeff",
    "x" * 100_000,
)
"""Values that are hard to read, impossible, or out of range."""

LAUGHS = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10))]
)
"""Aliases that stand for nine to the tenth values."""

MOST_CHANGES = 3


def mutate(data: bytes, rng: Random) -> bytes:
    """Return a changed copy of a YAML file; the same generator gives the same copy."""
    for _ in range(rng.randint(1, MOST_CHANGES)):
        data = rng.choice((change_value, change_value, change_value, move_lines, flip_bytes, add_laughs))(data, rng)
    return data


def change_value(data: bytes, rng: Random) -> bytes:
    """Return the text with the value of one key replaced."""
    lines = data.split(b"\n")
    keyed = [index for index, line in enumerate(lines) if b":" in line.split(b"#")[0]]
    if not keyed:
        return data + rng.choice(VALUES).encode("utf-8", "surrogatepass")
    index = rng.choice(keyed)
    key = lines[index].split(b":")[0]
    lines[index] = key + b": " + rng.choice(VALUES).encode("utf-8", "surrogatepass")
    return b"\n".join(lines)


def move_lines(data: bytes, rng: Random) -> bytes:
    """Return the text with a few lines left out, doubled or moved in or out."""
    lines = data.split(b"\n")
    start = rng.randrange(len(lines))
    end = start + rng.randint(1, 5)
    kept = lines[start:end]
    moved = rng.choice(([], kept * 2, [b"  " + line for line in kept], [line[1:] for line in kept]))
    return b"\n".join(lines[:start] + moved + lines[end:])


def flip_bytes(data: bytes, rng: Random) -> bytes:
    """Return the text with some bytes replaced, left out or added."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, MOST_CHANGES)):
        place = rng.randrange(len(changed) + 1)
        changed[place : place + rng.randint(0, 2)] = rng.randbytes(rng.randint(0, 2))
    return bytes(changed)


def add_laughs(data: bytes, rng: Random) -> bytes:
    """Return the text with aliases of aliases before it, some of which it repeats."""
    return LAUGHS.encode() + f"\nx: *a{rng.randrange(10)}\n".encode() + data
