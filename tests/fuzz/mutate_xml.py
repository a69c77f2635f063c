"""Damage to XML: elements and attributes dropped, doubled, renamed and filled with odd texts; entities, depth."""

from __future__ import annotations

import copy
import random
from typing import Final
from xml.etree import ElementTree as Xml

from tests.fuzz.mutate_bytes import encoded
from tests.fuzz.odd_values import odd_text

MAX_CHANGES: Final = 6
DEPTHS: Final = (10, 500, 20_000)
ENTITY: Final = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]>'
DECLARED: Final = ("utf-8", "gb2312", "utf-16", "latin-1", "nonsense")
UNWRITABLE: Final = dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000)), "?")
"""What XML cannot hold; the damage to bytes puts such characters in."""


def mutate_xml(text: str, rng: random.Random) -> bytes:
    """Return a damaged document, mostly in UTF-8."""
    root = Xml.fromstring(text)  # noqa: S314 - our own text
    for _ in range(rng.randint(0, MAX_CHANGES)):
        _change(root, rng)
    damaged = Xml.tostring(root, encoding="unicode").translate(UNWRITABLE)
    way = rng.randrange(12)
    if way == 0:
        depth = rng.choice(DEPTHS)
        damaged = damaged.replace("</", f"{'<a>' * depth}{'</a>' * depth}</", 1)
    head = f'<?xml version="1.0" encoding="{rng.choice(DECLARED)}"?>' if way in (1, 2) else ""
    return encoded(head + (ENTITY if way == 3 else "") + damaged, rng)


def _change(root: Xml.Element, rng: random.Random) -> None:
    """Change one element."""
    parent = rng.choice([element for element in root.iter() if len(element)] or [root])
    child = rng.choice(list(parent)) if len(parent) else root
    way = rng.randrange(7)
    if way == 0 and child is not root:
        parent.remove(child)
    elif way == 1:
        parent.insert(rng.randrange(len(parent) + 1), copy.deepcopy(child))
    elif way == 2:
        child.tag = rng.choice([element.tag for element in root.iter()])
    elif way == 3 and child.attrib:
        del child.attrib[rng.choice(sorted(child.attrib))]
    elif way == 4 and child.attrib:
        child.set(rng.choice(sorted(child.attrib)), odd_text(rng))
    elif way == 5 and child.attrib:
        first, second = (rng.choice(sorted(child.attrib)) for _ in range(2))
        child.attrib[first], child.attrib[second] = child.attrib[second], child.attrib[first]
    else:
        rng.choice(list(child.iter())).text = odd_text(rng)
