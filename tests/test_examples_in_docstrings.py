"""The examples in docstrings: what a user calls has one, and each gives what is written below it."""

from __future__ import annotations

import doctest
from importlib import import_module
from operator import attrgetter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "bonescan_yolo"
MODULES = sorted(
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    for path in PACKAGE.rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)
CALLED = {
    "bonescan_yolo.boxes": ("clip", "from_centres", "iou", "suppress", "to_centres"),
    "bonescan_yolo.dataset.dataset_yaml": ("read_dataset",),
    "bonescan_yolo.dataset.yolo_labels": ("format_labels", "read_labels"),
    "bonescan_yolo.files": ("csv_text",),
    "bonescan_yolo.measure.hot_spots": ("measure",),
    "bonescan_yolo.model.card": ("read_model_card",),
    "bonescan_yolo.model.detector": ("Detector", "Detector.__call__"),
    "bonescan_yolo.predict.drawing": ("draw",),
    "bonescan_yolo.scan.display": ("body_level", "to_grey", "to_tones"),
    "bonescan_yolo.scan.identity.dates": ("find_date",),
    "bonescan_yolo.scan.identity.identities": ("dated_prefix", "identify_all"),
    "bonescan_yolo.scan.identity.names": ("identify", "study_of_path", "view_of_path"),
    "bonescan_yolo.scan.read": ("read_scans",),
    "bonescan_yolo.scan.identity.view_words": ("view_in",),
}


@pytest.mark.parametrize("module", MODULES)
def test_an_example_gives_what_it_shows(module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # for the files that examples write
    ran = doctest.testmod(import_module(module), globs={})  # an example imports what it needs, so it can be pasted
    assert ran.attempted > 0
    assert ran.failed == 0


@pytest.mark.parametrize(("module", "name"), [(module, name) for module, names in CALLED.items() for name in names])
def test_what_a_user_calls_has_an_example(module: str, name: str) -> None:
    assert doctest.DocTestParser().get_examples(attrgetter(name)(import_module(module)).__doc__)
