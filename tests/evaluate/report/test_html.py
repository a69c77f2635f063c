"""The report: one page that needs nothing else, whichever results are missing."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bonescan_yolo.evaluate.matching.evaluated_scan import EvaluatedScan, PixelOverlap
from bonescan_yolo.evaluate.report.html import render
from bonescan_yolo.model.thresholds import Thresholds
from tests.evaluate.builders import SQUARE, evaluation_of, moved, random_records, record, result
from tests.factories import grey_scan, save

OUTSIDE = re.compile(r"""(?:src|href|url\()\s*=?\s*["']?\s*(?:https?:|//|file:)""")


class Page(HTMLParser):
    """What a page holds: its tags, and whether each is closed."""

    VOID = ("meta", "img", "br", "path", "use", "rect", "circle", "line")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.images: list[str] = []
        self.count: dict[str, int] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.count[tag] = self.count.get(tag, 0) + 1
        if tag == "img":
            self.images.append(dict(attributes)["src"] or "")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.count[tag] = self.count.get(tag, 0) + 1

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


@pytest.fixture
def scans(tmp_path: Path) -> list[EvaluatedScan]:
    """Scans of eight patients, all with the same picture."""
    image = save(tmp_path / "scan_anterior.png", grey_scan())
    return [replace(each, image=image) for each in random_records(np.random.default_rng(2), 8)]


@pytest.mark.parametrize("models", [1, 2])
def test_one_page_that_needs_nothing_else(scans: list[EvaluatedScan], models: int) -> None:
    text = render(evaluation_of(scans, models))
    page = Page(text)
    assert page.open == []
    assert page.count["svg"] == 4
    assert len(page.images) == 12 * models
    assert not OUTSIDE.search(text)
    assert "<script" not in text
    assert "not a medical device" in text
    assert "python -m bonescan_yolo.evaluate" in text
    assert ("difference</th>" in text.split("Average precision")[0]) == (models == 2)
    assert not re.search(r"\b(nan|None|inf)\b", re.sub(r"<svg.*?</svg>|<style>.*?</style>", "", text, flags=re.DOTALL))
    picture = Image.open(io.BytesIO(base64.b64decode(page.images[0].split(",")[1])))
    assert picture.width == 512


def test_the_thresholds_are_said(tmp_path: Path) -> None:
    """The best of abnormal boxes is midway from 0.8 to 0.4; normal ones are not there."""
    image = save(tmp_path / "scan_anterior.png", grey_scan())
    scans = [record(result([(SQUARE, 0)], [(SQUARE, 0.8, 0), (moved(SQUARE, 60), 0.4, 0)]), image=image)]
    text = render(evaluation_of(scans, thresholds=Thresholds(abnormal=0.9, normal=0.2)))
    assert "Boxes are shown above confidence 0.9 (abnormal), 0.2 (normal)." in text
    assert (
        "highest mean F1 on the val split is 0.6.\nThe highest F1 of each class there is at 0.6 (abnormal).</p>" in text
    )
    assert "Boxes are shown above confidence 0.3." in render(evaluation_of(scans))


def test_a_model_without_sites_is_said_to_have_none(scans: list[EvaluatedScan]) -> None:
    assert "gives no sites" not in render(evaluation_of(scans))
    unknown = [
        replace(scan, true_places=replace(scan.true_places, regions=None), places=replace(scan.places, regions=None))
        for scan in scans
    ]
    text = render(evaluation_of(unknown))
    assert text.count("head, spine, chest, pelvis, limbs, no bone: the model gives no sites") == 2
    assert Page(text).open == []


def test_the_same_evaluation_gives_the_same_page(scans: list[EvaluatedScan]) -> None:
    assert render(evaluation_of(scans)) == render(evaluation_of(scans))


def test_names_are_no_markup(scans: list[EvaluatedScan]) -> None:
    assert "<b>evil" not in render(evaluation_of(scans, name="<b>evil"))


def test_scans_without_errors_are_not_shown(tmp_path: Path) -> None:
    image = save(tmp_path / "scan_anterior.png", grey_scan())
    right = result([(SQUARE, 0)], [(SQUARE, 0.9, 0)])
    wrong = result([(SQUARE, 0), (moved(SQUARE, 60), 1)], [(SQUARE, 0.9, 0), (moved(SQUARE, 30), 0.9, 0)])
    text = render(evaluation_of([record(right, "1", image=image), record(wrong, "2", image=image)]))
    assert len(Page(text).images) == 1
    assert "missed\n0 abnormal, 1 normal" in text
    assert "invented\n1 abnormal, 0 normal" in text
    assert "No scan has an error." in render(evaluation_of([record(right, image=image)]))


def test_pixel_iou_is_shown_beside_the_published_ones(scans: list[EvaluatedScan]) -> None:
    assert "Hot spots as pixels" not in render(evaluation_of(scans))
    outlined = [replace(each, pixel_overlaps=(PixelOverlap(3, 8), PixelOverlap(1, 2))) for each in scans]
    text = render(evaluation_of(outlined))
    assert "Hot spots as pixels" in text
    assert "0.375" in text
    assert re.search(r"0\.35 \(abnormal\) and\s+0\.50 \(normal\) on anterior scans", text)
