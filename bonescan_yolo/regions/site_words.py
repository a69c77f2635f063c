"""The site of a box in words for people: `left seventh rib, posterior`.

Left and right are the patient's. A rib with a number is followed by the view of the scan: a spot on the posterior view
is most likely in the part of the rib that is near that camera. Another language is another `SiteWords`.

The twin in the page is `web/src/model/site-words.ts`; both pass the cases of `tests/shared/sites.json`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bonescan_yolo.regions.region_names import MIDLINE, PAIRED, NamedBone, Side, without_side
from bonescan_yolo.scan.identity.names import View


@dataclass(frozen=True)
class SiteWords:
    """The texts of a language.

    Attributes:
        sides: of the patient.
        ordinals: from the first on, as many as a region has bones.
        regions: by the region's name without its side: in `{side}` goes one of `sides`.
        numbered: the same for a bone with a number: in `{ordinal}` goes one of `ordinals`.
        in_view: by the same name, where the view is said: in `{site}` goes the text so far, in `{view}` one of `views`.
        views: of a scan.
    """

    sides: Mapping[Side, str]
    ordinals: tuple[str, ...]
    regions: Mapping[str, str]
    numbered: Mapping[str, str]
    in_view: Mapping[str, str]
    views: Mapping[View, str]


ENGLISH: Final = SiteWords(
    sides={"left": "left", "right": "right"},
    ordinals=(
        *("first", "second", "third", "fourth", "fifth", "sixth"),
        *("seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"),
    ),
    regions={
        **{part: part.replace("_", " ") for part in MIDLINE},
        **{part: f"{{side}} {part.replace('_', ' ')}" for part in PAIRED},
    },
    numbered={
        "thoracic_spine": "{ordinal} thoracic vertebra",
        "lumbar_spine": "{ordinal} lumbar vertebra",
        "ribs": "{side} {ordinal} rib",
    },
    in_view={"ribs": "{site}, {view}"},
    views={"anterior": "anterior", "posterior": "posterior"},
)


def site_text(bone: NamedBone, view: View | None, words: SiteWords = ENGLISH) -> str:
    """Return a site in words.

    Args:
        bone: what the site names.
        view: of the scan; None if unknown.
        words: of the language.

    Examples:
        >>> from bonescan_yolo.regions.region_names import NamedBone
        >>> from bonescan_yolo.regions.site_words import site_text
        >>> site_text(NamedBone("left_ribs", 7), "posterior")
        'left seventh rib, posterior'
        >>> site_text(NamedBone("left_ribs"), "posterior"), site_text(NamedBone("lumbar_spine", 3), None)
        ('left ribs', 'third lumbar vertebra')
    """
    part, side = without_side(bone.region)
    side_text = "" if side is None else words.sides[side]
    if bone.number is None:
        return words.regions[part].format(side=side_text)
    text = words.numbered[part].format(side=side_text, ordinal=words.ordinals[bone.number - 1])
    if view is None or part not in words.in_view:
        return text
    return words.in_view[part].format(site=text, view=words.views[view])
