"""CSV and COCO, read back by other libraries."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from pathlib import Path

import pytest
from pycocotools.coco import COCO

from bonescan_yolo.model.detector import Reading
from bonescan_yolo.predict.formats import boxes_csv
from bonescan_yolo.predict.formats.boxes_coco import CocoFile


def test_csv(reading: Reading) -> None:
    scan = dataclasses.replace(reading.scan, pixel_spacing_mm=None, view=None, path=Path('a,"b".png'))
    unknown = dataclasses.replace(reading, scan=scan)
    text = boxes_csv.dump([*boxes_csv.rows_of(reading), *boxes_csv.rows_of(unknown)])
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 4
    assert rows[0] == {
        "path": str(Path("scans") / "Müller 1.dcm"),
        "frame": "1",
        "view": "anterior",
        "class": "abnormal",
        "confidence": "0.9877",
        "x1_px": "10.13",
        "y1_px": "20.0",
        "x2_px": "20.13",
        "y2_px": "40.0",
        "width_mm": "30.0",
        "height_mm": "40.0",
        "site_region": "",
        "site_number": "",
        "site_share": "",
        "site": "",
    }
    assert rows[2]["path"] == 'a,"b".png'
    assert (rows[2]["view"], rows[2]["width_mm"], rows[2]["height_mm"]) == ("", "", "")


def test_csv_of_sites(placed: Reading) -> None:
    first, second = csv.DictReader(io.StringIO(boxes_csv.dump(boxes_csv.rows_of(placed))))
    columns = ("site_region", "site_number", "site_share", "site")
    assert [first[name] for name in columns] == ["left_ribs", "7", "0.63", "left seventh rib, anterior"]
    assert [second[name] for name in columns] == [""] * 4


def test_coco_of_sites(placed: Reading) -> None:
    file = CocoFile()
    first, second = file.add(placed)
    assert (first["site"]["region"], first["site"]["number"], second["site"]) == ("left_ribs", 7, None)


def test_csv_has_one_line_per_box_whatever_the_file_is_called(reading: Reading) -> None:
    odd = dataclasses.replace(reading, scan=dataclasses.replace(reading.scan, path=Path("a\nb\r\x1b[31m.png")))
    text = boxes_csv.dump(boxes_csv.rows_of(odd))
    assert len(text.splitlines()) == 3
    assert {row["path"] for row in csv.DictReader(io.StringIO(text))} == {r"a\nb\r\x1b[31m.png"}


def test_csv_without_readings_is_its_header() -> None:
    assert boxes_csv.dump([]).splitlines() == [",".join(boxes_csv.COLUMNS)]


def test_coco_is_read_by_pycocotools(reading: Reading, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "detections.json"
    file = CocoFile()
    for _ in range(2):
        file.add(reading)
    path.write_text(file.dump(), encoding="utf-8")
    coco = COCO(path)
    capsys.readouterr()
    assert {category["id"]: category["name"] for category in coco.cats.values()} == {1: "abnormal", 2: "normal"}
    assert [(image["width"], image["height"]) for image in coco.imgs.values()] == [(256, 1024)] * 2
    annotations = coco.loadAnns(coco.getAnnIds(imgIds=[2]))
    assert [annotation["id"] for annotation in annotations] == [3, 4]
    assert annotations[0]["bbox"] == [10.13, 20.0, 10.0, 20.0]
    assert annotations[0]["area"] == 200.0
    assert [(annotation["category_id"], annotation["score"]) for annotation in annotations] == [(1, 0.9877), (2, 0.5)]
    assert "not a medical device" in json.loads(path.read_text(encoding="utf-8"))["info"]["description"]
