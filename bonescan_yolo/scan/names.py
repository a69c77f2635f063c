"""The two views of a whole-body acquisition, and how texts name them."""

from __future__ import annotations

import re
from typing import Literal, get_args

View = Literal["anterior", "posterior"]
VIEWS: tuple[View, ...] = get_args(View)

_AFTER = "[ _-]*(inj|dose|op|ther|treat|tx|chemo|rt|rad|stress)"
"""What `post` precedes where it means after: `3H POST INJECTION`, `post-op`."""

_WORDS: dict[View, str] = {
    "anterior": r"(?<![a-z])ant(erior)?(?![a-z])",
    "posterior": rf"(?<![a-z])post(erior|(?!{_AFTER}))(?![a-z])",
}


def view_in(text: str) -> View | None:
    """Return the view that a file name or a DICOM text names, or None where it names none or both.

    `ant`, `anterior`, `post` and `posterior` count as words of their own, or behind a change of case:
    `wholeBodyANT`, `12_post`, `Anterior WB`.
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower()
    found = [view for view, pattern in _WORDS.items() if re.search(pattern, words)]
    return found[0] if len(found) == 1 else None
