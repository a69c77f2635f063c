"""Annotation files of other tools, from the folder that a person has to the labels that training reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bonescan_yolo.commands import convert, predict
from bonescan_yolo.dataset.yolo_labels import read_labels
from bonescan_yolo.scan.read import read_scans
from tests.conftest import RunCommand
from tests.convert.builders import pixels
from tests.convert.readers.sources import FILES
from tests.factories import BODY_GREY, SPOT_BOXES, count_scan, grey_scan, nm_dataset, save, save_dicom

BOX = (60.0, 200.0, 90.0, 260.5)
WIDTH, HEIGHT = 256, 1024

LABELME_RIGHT_TO_LEFT: dict[str, Any] = {
    "version": "4.5.6",
    "flags": {},
    "shapes": [{"label": "Abnormal", "points": [[90, 260.5], [60, 200]], "shape_type": "rectangle", "group_id": None}],
    "imagePath": "..\\..\\Users\\me\\7_anterior.png",
    "imageData": "iVBORw0KGgo=",
    "imageHeight": None,
    "imageWidth": None,
}
LABELME_POLYGON: dict[str, Any] = {
    **LABELME_RIGHT_TO_LEFT,
    "shapes": [{"label": "abnormal", "points": [[60, 230], [75, 200], [90, 230], [75, 260.5]]}],
    "imagePath": "/home/me/7_ANTERIOR.PNG",
}
CVAT = (
    '<?xml version="1.0" encoding="utf-8"?><annotations><version>1.1</version><meta/>'
    '<image id="4" name="{name}" width="256" height="1024">{shape}</image></annotations>'
)
CVAT_BOX = '<box label="abnormal" occluded="0" xtl="60.00" ytl="200.00" xbr="90.00" ybr="260.50" z_order="0"></box>'
CVAT_TURNED = (
    '<box label="abnormal" xtl="44.75" ytl="215.25" xbr="105.25" ybr="245.25" rotation="90.00"/><tag label="seen"/>'
)
CVAT_ELLIPSE = '<ellipse label="abnormal" cx="75" cy="230.25" rx="15" ry="30.25"/>'


def label_studio(address: str, **value: object) -> list[dict[str, Any]]:
    place = {"x": 23.4375, "y": 19.53125, "width": 11.71875, "height": 5.908203125, "rotation": 0, **value}
    result = {
        "type": "rectanglelabels",
        "value": {**place, "rectanglelabels": ["abnormal"]},
        "original_width": WIDTH,
        "original_height": HEIGHT,
    }
    skipped = {"id": 1, "was_cancelled": True, "result": []}
    return [{"id": 1, "data": {"scan": address}, "annotations": [skipped, {"id": 2, "result": [result]}]}]


CASES: dict[str, tuple[str, dict[str, str | object]]] = {
    "LabelMe, drawn from right to left": ("labelme", {"7_anterior.json": LABELME_RIGHT_TO_LEFT}),
    "LabelMe, a polygon on another machine": ("labelme", {"annotations/x.json": LABELME_POLYGON}),
    "LabelMe beside other JSON": ("labelme", {"7_anterior.json": LABELME_POLYGON, "coco.json": {"images": []}}),
    "LabelMe in UTF-8 with a mark": ("labelme", {"7_anterior.json": "\ufeff" + json.dumps(LABELME_RIGHT_TO_LEFT)}),
    "CVAT": ("cvat", {"annotations.xml": CVAT.format(name="7_anterior.png", shape=CVAT_BOX)}),
    "CVAT, a turned box": ("cvat", {"a/b.xml": CVAT.format(name="images\\7_anterior.png", shape=CVAT_TURNED)}),
    "CVAT, an ellipse": ("cvat", {"annotations.xml": CVAT.format(name="default/7_Anterior.png", shape=CVAT_ELLIPSE)}),
    "CVAT, a JPEG of the scan was annotated": (
        "cvat",
        {"annotations.xml": CVAT.format(name="7_anterior.jpg", shape=CVAT_BOX)},
    ),
    "Label Studio, uploaded": ("label-studio", {"p.json": label_studio("/data/upload/1/ab12cd34-7_anterior.png")}),
    "Label Studio, local file": (
        "label-studio",
        {"p.json": label_studio("/data/local-files/?d=scans%2F7_anterior.png")},
    ),
    "Label Studio, in a bucket": ("label-studio", {"p.json": label_studio("s3://bucket/x/7_anterior.png")}),
    "Label Studio, drawn to the left": (
        "label-studio",
        {"p.json": label_studio("7_anterior.png", x=35.15625, width=-11.71875)},
    ),
    "CSV": ("csv", {"b.csv": "path,class,x1,y1,x2,y2\n7_anterior.png,abnormal,60,200,90,260.5\n"}),
    "CSV with semicolons": (
        "csv",
        {"b.csv": "x;y;width;height;label;image\n60;200;30;60,5;ABNORMAL;D:\\s\\7_anterior.png\n"},
    ),
    "CSV of TensorFlow": (
        "csv",
        {
            "b.csv": "filename,width,height,class,xmin,ymin,xmax,ymax\n"
            "s/7_anterior.png,256,1024,abnormal,90,260.5,60,200\n"
        },
    ),
    "CSV with tabs": ("csv", {"b.tsv": "Image\tX2\tX1\tY2\tY1\tClass\n7_anterior\t90\t60\t260.5\t200\tabnormal\n"}),
    "YOLO": (
        "yolo",
        {"7_anterior.txt": "0 0.292969 0.224854 0.117188 0.059082\n", "classes.txt": "abnormal\nnormal\n"},
    ),
    "YOLO, a polygon": (
        "yolo",
        {
            "7_anterior.txt": "1 0.234375 0.2 0.3 0.195312 0.351562 0.21 0.3 0.254395\r\n",
            "data.yaml": "names: {1: abnormal}",
        },
    ),
    "YOLO of a detector": (
        "yolo",
        {"labels/7_anterior.txt": "0 0.292969 0.224854 0.117188 0.059082 0.93", "obj.names": "abnormal\nnormal"},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_labelme_cvat_label_studio_csv_and_yolo_are_read(case: str, tmp_path: Path) -> None:
    """LabelMe JSON (corners in any order, imageData, backslashes), CVAT XML 1.1, Label Studio JSON, CSV, YOLO text."""
    form, files = CASES[case]
    folder = tmp_path / "in"
    save(folder / "7_anterior.png", pixels(7))
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    report, labels = converted(form, folder, tmp_path / "out")
    assert report["counts"]["objects_read"] == report["counts"]["objects_written"] == 1
    boxes, classes = read_labels(labels["7_anterior"], WIDTH, HEIGHT)
    np.testing.assert_allclose(boxes, [BOX], atol=0.01)
    assert classes.tolist() == [0]


@pytest.mark.parametrize("tool", ["labelme", "cvat", "label_studio", "ultralytics", "darknet"])
def test_files_that_the_tools_wrote_are_converted(tool: str, tmp_path: Path) -> None:
    """Each reader is tested with a file written by the real tool: the abnormal box of scan 7 arrives."""
    form = {"label_studio": "label-studio", "ultralytics": "yolo", "darknet": "yolo"}.get(tool, tool)
    folder = tmp_path / "in"
    names = ["ant/7.jpg", "post/7.jpg"] if tool == "cvat" else ["7_anterior.png", "8_posterior.png"]
    for seed, name in enumerate([*names, "9_anterior.png", "8 posterior.png", "10_anterior.png"]):
        save(folder / name, pixels(seed, 64, 256), **({"quality": 95} if name.endswith("jpg") else {}))
    for path in (FILES / tool).rglob("*.*"):
        if path.is_file() and path.suffix not in {".csv"} and path.name != "project-min.json":
            target = folder / path.relative_to(FILES / tool)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    report, labels = converted(form, folder, tmp_path / "out")
    counts = report["counts"]
    assert counts["objects_read"] == counts["objects_written"] + counts["objects_reported"]
    label = next(path for name, path in labels.items() if name in {"7_anterior", "ant_7"})
    boxes, classes = read_labels(label, 64, 256)
    assert any(
        np.allclose(box, (30, 60, 36.25, 70.5), atol=0.01) and not class_id
        for box, class_id in zip(boxes, classes, strict=True)
    )


@pytest.mark.parametrize("form", ["labelme", "cvat", "label-studio"])
def test_what_predict_found_is_corrected_in_a_tool_and_trained_on(
    form: str, tmp_path: Path, model_path: Path, run_command: RunCommand
) -> None:
    """From DICOM counts of both views and a grey PNG to a folder for the tool, and back to a data set."""
    scans, out, data = tmp_path / "scans", tmp_path / "corrected", tmp_path / "data"
    speckle = np.random.default_rng(0).integers(0, 12, grey_scan().shape, np.uint8) * (grey_scan() == BODY_GREY)
    save(scans / "7_ant.png", grey_scan() + speckle)
    frames = [count_scan(spot=counts) + np.uint16(4) * speckle for counts in (1000, 900)]
    dicom = save_dicom(scans / "wb.dcm", nm_dataset(frames, ["Anterior", "Posterior"]))
    outcome = run_command(predict.main, scans, "--model", model_path, "--format", form, "--out", out)
    assert (outcome.code, outcome.err) == (0, "")
    report, labels = converted(form, out, data)
    assert sorted(labels) == ["7_ant", "wb_anterior", "wb_posterior"]
    assert report["problems"] == []
    assert (report["counts"]["patients"], report["counts"]["objects_written"]) == (2, 9)
    for label in labels.values():
        boxes, _ = read_labels(label, WIDTH, HEIGHT)
        np.testing.assert_allclose(sorted(boxes.tolist()), sorted(SPOT_BOXES), atol=0.01)
    for scan, name in zip(read_scans(dicom), ("wb_anterior", "wb_posterior"), strict=True):
        (image,) = (data / "images").rglob(f"{name}.png")
        assert np.array_equal(np.asarray(Image.open(image)), scan.grey())


def converted(form: str, folder: Path, out: Path) -> tuple[dict[str, Any], dict[str, Path]]:
    """Convert a folder; return the report, and the label file of each scan by its name."""
    assert convert.main([form, str(folder), "--out", str(out)]) == 0
    report = json.loads((out / "convert_report.json").read_text(encoding="utf-8"))
    return report, {path.stem: path for path in (out / "labels").rglob("*.txt")}
