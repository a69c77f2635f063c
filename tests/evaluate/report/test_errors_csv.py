"""The tables of boxes and scans, of a case written down by hand."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from bonescan_yolo.evaluate.evaluation import Evaluation
from bonescan_yolo.evaluate.report.errors_csv import BOX_COLUMNS, SCAN_COLUMNS, dump_boxes, dump_scans
from tests.evaluate.builders import SQUARE, evaluation_of, moved, record, result

FAR = moved(SQUARE, 50)


@pytest.fixture
def evaluation() -> Evaluation:
    """On the second scan one box is found, one called the other class; a detection of confidence 0.2 is not shown."""
    found = [(SQUARE, 0.9, 0), (FAR, 0.8, 1), (moved(SQUARE, 90), 0.2, 0)]
    scans = [
        record(result([(SQUARE, 1)], [(SQUARE, 0.7, 1)]), "a", "anterior", image=Path("x/a_anterior.png")),
        record(result([(SQUARE, 0), (FAR, 0)], found), "b", None, image=Path("x/b.png")),
    ]
    return evaluation_of(scans)


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_boxes(evaluation: Evaluation) -> None:
    text = dump_boxes(evaluation)
    assert text.splitlines()[0] == ",".join(BOX_COLUMNS)
    told = [(row["image"], row["box"], row["outcome"], row["class"], row["confidence"]) for row in read(text)]
    assert told == [
        ("b.png", "true", "hit", "abnormal", "0.9000"),
        ("b.png", "true", "missed", "abnormal", ""),
        ("b.png", "predicted", "hit", "abnormal", "0.9000"),
        ("b.png", "predicted", "invented", "normal", "0.8000"),
        ("a_anterior.png", "true", "hit", "normal", "0.7000"),
        ("a_anterior.png", "predicted", "hit", "normal", "0.7000"),
    ]
    missed = read(text)[1]
    assert (missed["on_other_class"], missed["x1_px"], missed["y2_px"]) == ("1", "150.00", "110.00")
    assert (missed["site"], missed["region"], missed["view"]) == ("head", "skull", "")
    assert (missed["size"], missed["contrast"]) == ("medium", "2.00")


def test_boxes_of_a_model_without_sites(evaluation: Evaluation) -> None:
    scans = [
        replace(scan, true_places=replace(scan.true_places, regions=None), places=replace(scan.places, regions=None))
        for scan in evaluation.models[0].measured.pool.scans
    ]
    assert {(row["site"], row["region"]) for row in read(dump_boxes(evaluation_of(scans)))} == {("", "")}


def test_scans(evaluation: Evaluation) -> None:
    text = dump_scans(evaluation)
    assert text.splitlines() == [
        ",".join(SCAN_COLUMNS),
        "model-0.onnx,b.png,b,,2,1,1,2,1,0,1,0.9000",
        "model-0.onnx,a_anterior.png,a,anterior,0,0,0,0,0,1,1,0.0000",
    ]


def test_two_models_follow_each_other(evaluation: Evaluation) -> None:
    both = evaluation_of(list(evaluation.models[0].measured.pool.scans), models=2)
    assert [row["model"] for row in read(dump_scans(both))] == ["model-0.onnx"] * 2 + ["model-1.onnx"] * 2
