"""Damage to what JSON holds: keys dropped, doubled and renamed, values of another type, nested deeply."""

from __future__ import annotations

import copy
import json
import random
from typing import Any, Final

from tests.fuzz.mutate_bytes import encoded
from tests.fuzz.odd_values import DEEP, odd_text, odd_value

MAX_CHANGES: Final = 6
DEPTHS: Final = (10, 500, 3000, 100_000)


def mutate_json(content: Any, rng: random.Random) -> bytes:
    """Return JSON text, mostly in UTF-8, of a damaged copy of `content`."""
    content = copy.deepcopy(content)
    for _ in range(rng.randint(0, MAX_CHANGES)):
        _change(content, rng)
    text = json.dumps(content, ensure_ascii=rng.random() < 0.5, indent=rng.choice((None, 1)))
    depth = rng.choice(DEPTHS)
    opening, closing = rng.choice((("[", "]"), ('{"a":', "}")))
    return encoded(text.replace(f'"{DEEP}"', f"{opening * depth}1{closing * depth}"), rng)


def _change(content: Any, rng: random.Random) -> None:
    """Change one place of nested lists and dictionaries."""
    holders = [holder for holder in _holders(content) if holder]
    if not holders:
        return
    holder = rng.choice(holders)
    keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    key, other = rng.choice(keys), rng.choice(keys)
    way = rng.randrange(7)
    if way == 0:
        del holder[key]
    elif way == 1:
        holder[key] = odd_value(rng)
    elif way == 2:
        holder[key], holder[other] = holder[other], holder[key]
    elif way == 3:
        holder[key] = [holder[key]] if rng.random() < 0.5 else {"": holder[key]}
    elif way == 4:
        holder[key] = str(holder[key])
    elif isinstance(holder, list):
        holder.insert(key, copy.deepcopy(holder[other]))
    elif way == 5:
        holder[odd_text(rng)] = holder.pop(key)
    else:
        holder[key] = copy.deepcopy(holder[other])


def _holders(value: Any) -> list[Any]:
    """Return all lists and dictionaries in a value, itself included."""
    found, waiting = [], [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list | dict):
            found.append(item)
            waiting += item.values() if isinstance(item, dict) else item
    return found
