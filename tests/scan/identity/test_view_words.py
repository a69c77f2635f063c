"""Words for a view, in many languages: found whole, and read the same however they are written."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonescan_yolo.scan.identity.view_words import View, view_in, view_words

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
ANTERIOR = [
    *("ANT", "anterior", "Anteriore", "antérieur", "ANTERIEUR", "Anterioren", "ventral", "Ventrale", "vorn", "vorne"),
    *("AP", "前位", "前面", "передняя", "Передний", "спереди", "przód", "전면"),
]
POSTERIOR = [
    *("POST", "posterior", "Posteriore", "postérieur", "POSTERIEUR", "dorsal", "hinten", "PA", "POS"),
    *("后位", "後位", "後面", "背面", "задняя", "сзади", "tył", "후면"),
]
NEITHER = [
    *("LAO", "RAO", "LPO", "RPO", "Left anterior oblique", "Right posterior oblique", "Rt lateral", "ANT LAT"),
    *("antero-posterior", "Anteroposterior", "postero-anterior", "AP/PA", "ant + post", "schräg vorn", "oblicua ant"),
    *("前后位", "后前位", "左前斜位", "侧位", "décubitus dorsal", "Decubito ventral", "dorsal spine", "rachis dorsal"),
    *("post-op", "post injection", "post-therapy", "3h post", "24 h post", "3 hours post", "post 3h", "status post"),
    *(
        "3h nach Injektion",
        "7 post 6 months",
        "post prostatectomy",
        "post void",
        "posttherapeutic",
        "post-mictionnel",
        "2 Std post",
        "patient 12",
        "antonio",
    ),
    *("PA000001", "PA_12", "AP12", "pos3", "position", "pan", "apex", "plant", "postman", "Banterior", ""),
]
WORDS = [*((word, "anterior") for word in ANTERIOR), *((word, "posterior") for word in POSTERIOR)]


@pytest.mark.parametrize(("text", "view"), WORDS)
@pytest.mark.parametrize("frame", ["{}", "WB_{}", "WB {} 3H", "12-{}.", "({})", "全身{}", "骨{}12"])
def test_a_word_is_found_wherever_it_is(frame: str, text: str, view: View) -> None:
    if not (text in ("AP", "PA", "POS") and frame.endswith("12")):
        assert view_in(frame.format(text)) == view


@pytest.mark.parametrize("text", NEITHER)
def test_these_name_no_view_of_the_two(text: str) -> None:
    assert view_in(text) is None


@pytest.mark.parametrize(
    ("text", "view"),
    [
        ("ANT1", "anterior"),
        ("POST2", "posterior"),
        ("WB_ANT001_DS", "anterior"),
        ("1ANT", "anterior"),
        ("WBAnterior", "anterior"),
        ("WBPost", "posterior"),
        ("wholeBodyPosterior", "posterior"),
        ("PA_12_ant", "anterior"),  # a full word counts more than AP and PA
        ("post-op anterior", "anterior"),
        ("anterior 3h post", "anterior"),
        ("ant 24h post inj", "anterior"),
        ("POST 3H POST INJ", "posterior"),
        ("WB POST 3H", "posterior"),
        ("7_m_post", "posterior"),  # a man, not a month
        ("WB_AP_001", "anterior"),
        ("术后 ANT", "anterior"),
    ],
)
def test_what_is_beside_a_word_decides(text: str, view: View) -> None:
    assert view_in(text) == view


def test_places_count_the_characters_of_the_text() -> None:
    forms: tuple[Form, ...] = ("NFC", "NFD")
    for form in forms:
        text = unicodedata.normalize(form, "é_antérieure_é")
        (word,) = view_words(text)
        assert unicodedata.normalize("NFC", text[word.start : word.end]) == "antérieure"


TEXTS = st.lists(
    st.sampled_from([*ANTERIOR, *POSTERIOR, *NEITHER, "7", "3h", "inj", "WB", "été", "Müller", "patient"]), max_size=4
)
SEPARATORS = st.sampled_from([" ", "_", "-", ".", "/", ", ", "__", "\u00a0", "\uff3f"])


@given(TEXTS, SEPARATORS, SEPARATORS)
def test_separators_do_not_change_the_answer(words: list[str], first: str, second: str) -> None:
    assert view_in(first.join(words)) == view_in(second.join(words))


@given(TEXTS, st.sampled_from([str.upper, str.lower, str.swapcase, str.title]))
def test_case_does_not_change_the_answer(words: list[str], change: Callable[[str], str]) -> None:
    text = "_".join(words)
    assert view_in(change(text)) == view_in(text)


@given(st.one_of(TEXTS.map("_".join), st.text()), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_the_form_of_unicode_does_not_change_the_answer(text: str, form: Form) -> None:
    assert view_in(unicodedata.normalize(form, text)) == view_in(text)


@given(st.text())
def test_words_are_in_order_and_inside_the_text(text: str) -> None:
    places = [place for word in view_words(text) for place in (word.start, word.end)]
    assert places == sorted(places)
    assert all(0 <= place <= len(text) for place in places)
