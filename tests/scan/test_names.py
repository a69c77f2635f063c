"""Texts that name a view."""

from __future__ import annotations

import pytest

from bonescan_yolo.scan.names import View, view_in


@pytest.mark.parametrize(
    ("text", "view"),
    [
        ("wholeBodyANT", "anterior"),
        ("wholeBodyPOST", "posterior"),
        ("12_post", "posterior"),
        ("p0001_anterior", "anterior"),
        ("Anterior WB", "anterior"),
        ("POSTERIOR", "posterior"),
        ("WB POST 3H", "posterior"),
        ("", None),
        ("patient 12", None),
        ("antonio", None),
        ("plant_7", None),
        ("postop_ant", "anterior"),
        ("ant and post", None),
        ("AntPost", None),
        ("3H POST INJECTION", None),
        ("post-therapy", None),
        ("ANT 3H POST INJ", "anterior"),
        ("POST 3H POST INJ", "posterior"),
        ("posterior injected", "posterior"),
    ],
)
def test_view_in(text: str, view: View | None) -> None:
    assert view_in(text) == view
