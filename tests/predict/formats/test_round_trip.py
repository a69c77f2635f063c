"""What `predict` writes for annotation tools is read back by the readers of `convert`."""

from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.convert.annotation_formats import Parse, ParseOptions
from bonescan_yolo.convert.matching.annotated_image import AnnotatedImage
from bonescan_yolo.convert.matching.image_names import paths_in
from bonescan_yolo.convert.readers.csv_boxes import read_csv_boxes
from bonescan_yolo.convert.readers.cvat import read_cvat
from bonescan_yolo.convert.readers.label_studio import read_label_studio
from bonescan_yolo.convert.readers.labelme import read_labelme
from bonescan_yolo.convert.readers.yolo import read_yolo
from bonescan_yolo.convert.source import open_source
from bonescan_yolo.model.detector import Detector, Reading
from bonescan_yolo.predict.output_names import ViewNames
from bonescan_yolo.predict.results import TO_CORRECT, Format, ResultFiles
from bonescan_yolo.regions.box_sites import BoxSite
from bonescan_yolo.regions.region_names import BONES
from bonescan_yolo.scan import Scan
from bonescan_yolo.scan.identity.names import VIEWS, View, identify
from bonescan_yolo.scan.pictures.grey_png import grey_png
from bonescan_yolo.scan.read import decode_scans
from tests.factories import count_scan, grey_scan

READERS: dict[Format, Parse] = {
    "labelme": read_labelme,
    "cvat": read_cvat,
    "label-studio": read_label_studio,
    "csv": read_csv_boxes,
    "yolo": read_yolo,
}

TOLERANCE_PX = 0.01


def written(out: Path, form: Format, detector: Detector, *readings: Reading) -> Path:
    results = ResultFiles(out, form, [], detector, pictures=True)
    for reading in readings:
        results.add(reading)
    results.close()
    return out


def read_back(folder: Path, form: Format) -> list[AnnotatedImage]:
    with open_source(folder) as source:
        return list(READERS[form](source, ParseOptions()))


def corners(image: AnnotatedImage, scan: Scan) -> np.ndarray:
    boxes = np.array([item.xyxy for item in image.objects], dtype=np.float64).reshape(-1, 4)
    return boxes * ((scan.width, scan.height) * 2) if image.normalised else boxes


sites = st.builds(BoxSite, st.sampled_from(BONES), st.floats(0, 1))


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    """Return a reading with any boxes on a scan of any size."""
    width, height = draw(st.integers(32, 700)), draw(st.integers(32, 1500))
    count = draw(st.integers(0, 5))
    edges = [
        sorted(draw(st.tuples(*[st.floats(0, side, width=32)] * 2))) for _ in range(count) for side in (width, height)
    ]
    boxes = np.array([(x[0], y[0], x[1], y[1]) for x, y in zip(edges[::2], edges[1::2], strict=True)], dtype=np.float32)
    return Reading(
        boxes=boxes.reshape(-1, 4),
        confidences=np.array(draw(st.lists(st.floats(0, 1, width=32), min_size=count, max_size=count)), np.float32),
        classes=np.array(draw(st.lists(st.integers(0, 1), min_size=count, max_size=count)), np.int64),
        scan_abnormal_confidence=0.5,
        sites=draw(st.none() | st.lists(st.none() | sites, min_size=count, max_size=count).map(tuple)),
        scan=Scan(pixels=np.zeros((height, width), np.uint8), path=Path("Müller 7%20x.dcm"), view="anterior"),
    )


@pytest.mark.parametrize("form", READERS)
@given(reading=readings())
def test_boxes_come_back_within_a_hundredth_of_a_pixel(
    form: Format, reading: Reading, detector: Detector, tmp_path_factory: pytest.TempPathFactory
) -> None:
    if form == "csv" and not len(reading.boxes):
        return  # a table of boxes does not name a scan without any
    (image,) = read_back(written(tmp_path_factory.mktemp("out"), form, detector, reading), form)
    assert (image.fault, image.problems) == (None, ())
    np.testing.assert_allclose(corners(image, reading.scan), reading.boxes, atol=TOLERANCE_PX)
    names = [item.name for item in image.objects]
    assert names == [CLASS_NAMES[i] for i in reading.classes]
    if form in TO_CORRECT:
        assert Path(paths_in(image.image or "")[-1]).name in {"Müller 7%20x_anterior.png", "Müller 7 x_anterior.png"}
        assert image.size in (None, (reading.scan.width, reading.scan.height))


@pytest.mark.parametrize("form", TO_CORRECT)
def test_the_folder_holds_the_scans_themselves_and_no_drawn_picture(
    form: Format, reading: Reading, detector: Detector, tmp_path: Path
) -> None:
    frames = [dataclasses.replace(reading.scan, view=view, frame=i) for i, view in enumerate(VIEWS)]
    out = written(tmp_path, form, detector, *(dataclasses.replace(reading, scan=scan) for scan in frames))
    pictures = sorted(out.rglob("*.png"))
    assert [path.name for path in pictures] == ["Müller 1_anterior.png", "Müller 1_posterior.png"]
    found = [identify(path.name) for path in pictures]
    assert [(scan.patient, scan.view) for scan in found] == [("Müller_1", "anterior"), ("Müller_1", "posterior")]
    assert all(np.array_equal(np.asarray(Image.open(path)), grey_scan()) for path in pictures)


SITE = "left seventh rib, anterior"


def test_annotation_tools_show_the_site(placed: Reading, detector: Detector, tmp_path: Path) -> None:
    labelme = json.loads((written(tmp_path / "1", "labelme", detector, placed) / "Müller 1_anterior.json").read_text())
    assert [shape["description"] for shape in labelme["shapes"]] == [f"confidence 0.9877; {SITE}", "confidence 0.5"]
    cvat = ElementTree.parse(written(tmp_path / "2", "cvat", detector, placed) / "annotations.xml")  # noqa: S314
    assert [found.text for found in cvat.iterfind(".//box/attribute[@name='site']")] == [SITE, None]
    assert len(cvat.findall(".//label/attributes/attribute/name[.='site']")) == len(CLASS_NAMES)
    (task,) = json.loads((written(tmp_path / "3", "label-studio", detector, placed) / "tasks.json").read_text())
    assert [result.get("meta") for result in task["predictions"][0]["result"]] == [{"text": [SITE]}, None]


def test_nothing_is_written_without_readings(detector: Detector, tmp_path: Path) -> None:
    for form in TO_CORRECT:
        written(tmp_path / "out", form, detector)
    assert not (tmp_path / "out").exists()


def test_counts_are_written_as_the_grey_levels_that_predict_saw() -> None:
    scan = Scan(pixels=count_scan().astype(np.float32))
    (again,) = decode_scans(grey_png(scan.grey()), Path("7_anterior.png"))
    assert np.array_equal(again.grey(), scan.grey())
    assert Image.open(io.BytesIO(grey_png(scan.grey()))).mode == "L"


@pytest.mark.parametrize(
    ("scans", "stems"),
    [
        ([("wb.dcm", 2, "anterior"), ("wb.dcm", 2, "posterior")], ["wb_anterior", "wb_posterior"]),
        ([("wb.dcm", 2, None), ("wb.dcm", 2, None)], ["wb-1", "wb-2"]),
        ([("ant/1.jpg", 1, "anterior"), ("post/1.jpg", 1, "posterior")], ["1_anterior", "1_posterior"]),
        ([("7_ant.png", 1, "anterior")], ["7_ant"]),
        ([("a/1.png", 1, None), ("b/1.PNG", 1, None), ("c/1.tif", 1, None)], ["1", "1-2", "1-3"]),
        ([("A.png", 1, None), ("a.png", 1, None)], ["A", "a-2"]),
        ([("1_anterior.png", 1, None), ("1.dcm", 1, "anterior")], ["1_anterior", "1_anterior-2"]),
        ([("a\nb\udcff.png", 1, None)], ["a_b_"]),
    ],
)
def test_names_state_the_view_and_never_collide(scans: list[tuple[str, int, View | None]], stems: list[str]) -> None:
    names = ViewNames()
    found = [names.next(Path(path), count, index % count, view) for index, (path, count, view) in enumerate(scans)]
    assert found == stems


def test_long_names_leave_room_for_the_view() -> None:
    stem = ViewNames().next(Path("x" * 250 + ".png"), 1, 0, "posterior")
    assert stem.endswith("_posterior")
    assert len(f"{stem}-999999.json".encode()) <= 255
