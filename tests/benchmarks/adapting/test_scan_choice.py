"""Which scans are adapted to: suggested ones are of the drawn ones, and unlabelled ones are others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.adapting import scan_choice
from benchmarks.adapting.scan_choice import RANDOM, ScanChoice, annotated_by
from benchmarks.adapting.scan_sets import ScanSet, draw_studies
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.runtime import Detections


def test_random_scans_are_drawn(scans: ScanSet) -> None:
    assert RANDOM.words == []
    assert RANDOM.annotated(scans, 4, 1, Path("w.pt")).tolist() == draw_studies(scans, 4, 1).tolist()


def test_suggested_scans_are_among_the_drawn_ones_study_by_study(
    scans: ScanSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {}

    def last_study_first(features: list[int], number: int, studies: list[list[int]], patients: list[str]) -> list[int]:
        given.update(number=number, studies=studies, patients=patients)
        return studies[-1]

    monkeypatch.setattr(scan_choice, "read_card", lambda _: None)
    monkeypatch.setattr(scan_choice, "TorchDetector", lambda *_: None)
    monkeypatch.setattr(scan_choice, "score_scan", lambda _, grey: int(grey.sum()))
    monkeypatch.setattr(scan_choice, "choose", last_study_first)
    drawn = draw_studies(scans, 6, seed=1)
    chosen = ScanChoice(suggested_of=6).annotated(scans, 2, 1, Path("w.pt"))
    assert chosen.tolist() == drawn[4:].tolist()
    assert given["number"] == 2
    assert given["studies"] == [[0, 1], [2, 3], [4, 5]]
    assert given["patients"] == [scans.patients[index] for index in drawn]


def test_unlabelled_scans_are_others_of_the_same_draw(scans: ScanSet) -> None:
    choice = ScanChoice(unlabelled=2, sure=0.4)
    annotated = draw_studies(scans, 4, seed=1)
    others = choice.without_annotations(scans, annotated, seed=1)
    assert len(others) == 2
    assert not set(others.patients) & {scans.patients[index] for index in annotated}
    assert choice.words == ["unlabelled=2", "sure=0.4"]


def test_a_network_annotates_what_it_is_sure_of(scans: ScanSet, monkeypatch: pytest.MonkeyPatch) -> None:
    boxes = np.array([[1, 2, 3, 4], [5, 6, 7, 8]], np.float32)
    found = Detections(boxes, np.array([0.9, 0.2], np.float32), np.array([1, 0]), 0.2)
    monkeypatch.setattr(scan_choice, "read_set", lambda *_: [found] * len(scans))
    marked = annotated_by(None, scans, ModelCard(trained_on="nothing"), sure=0.3)
    assert len(marked) == len(scans)
    assert marked[0].boxes.tolist() == [[1, 2, 3, 4]]
    assert marked[0].classes.tolist() == [1]
