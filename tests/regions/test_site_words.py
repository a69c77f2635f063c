"""Sites in words."""

from __future__ import annotations

import dataclasses

import pytest

from bonescan_yolo.regions.region_names import BONES, NUMBERED, REGIONS, NamedBone, without_side
from bonescan_yolo.regions.site_words import ENGLISH, SiteWords, site_text
from bonescan_yolo.scan.identity.names import VIEWS, View
from tests.shared.site_cases import all_texts, load_site_cases


@pytest.mark.parametrize(
    ("bone", "view", "text"),
    [
        (NamedBone("left_ribs", 7), "posterior", "left seventh rib, posterior"),
        (NamedBone("left_ribs", 7), None, "left seventh rib"),
        (NamedBone("right_ribs", 12), "anterior", "right twelfth rib, anterior"),
        (NamedBone("left_ribs"), "posterior", "left ribs"),
        (NamedBone("lumbar_spine", 3), "posterior", "third lumbar vertebra"),
        (NamedBone("lumbar_spine"), "posterior", "lumbar spine"),
        (NamedBone("thoracic_spine", 5), None, "fifth thoracic vertebra"),
        (NamedBone("skull"), "anterior", "skull"),
        (NamedBone("right_pelvis"), "anterior", "right pelvis"),
        (NamedBone("left_lower_leg"), None, "left lower leg"),
    ],
)
def test_some_sites(bone: NamedBone, view: View | None, text: str) -> None:
    assert site_text(bone, view) == text


def test_every_site_has_words_of_its_own() -> None:
    bones = [*BONES, *(NamedBone(region) for region in NUMBERED)]
    for view in (*VIEWS, None):
        texts = [site_text(bone, view) for bone in bones]
        assert len(set(texts)) == len(bones) == len(BONES) + 4
        assert not any("{" in text or "_" in text or "  " in text or text != text.strip() for text in texts)


def test_the_table_has_words_for_every_region_and_number() -> None:
    parts = {without_side(region)[0] for region in REGIONS}
    assert set(ENGLISH.regions) == parts
    assert set(ENGLISH.numbered) == {without_side(region)[0] for region in NUMBERED}
    assert len(ENGLISH.ordinals) == max(NUMBERED.values())


def test_another_language_is_another_table() -> None:
    german: SiteWords = dataclasses.replace(
        ENGLISH,
        sides={"left": "links", "right": "rechts"},
        ordinals=tuple(f"{number}." for number in range(1, 13)),
        numbered={**ENGLISH.numbered, "ribs": "{ordinal} Rippe {side}"},
        in_view={"ribs": "{site} ({view})"},
        views={"anterior": "von vorn", "posterior": "von hinten"},
    )
    assert site_text(NamedBone("left_ribs", 7), "posterior", german) == "7. Rippe links (von hinten)"


def test_the_words_are_those_of_the_table_shared_with_the_page() -> None:
    assert all_texts() == load_site_cases()["texts"]
