"""What predict and measure draw of a scan is never taken for a scan."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bonescan_yolo.commands.convert import main as convert_main
from bonescan_yolo.errors import BonescanError, ScanError
from bonescan_yolo.measure.hot_spots import measure
from bonescan_yolo.measure.masks import mask_png
from bonescan_yolo.measure.outline_picture import draw as draw_outlines
from bonescan_yolo.model.detector import Detector, Reading
from bonescan_yolo.predict.drawing import draw
from bonescan_yolo.predict.results import Format, ResultFiles
from bonescan_yolo.scan.find import find_scan_files
from bonescan_yolo.scan.read import read_scans
from bonescan_yolo.scan.record import Scan
from tests.convert.builders import encode, pixels
from tests.field_cases.annotated_sets import Content, convert

SCAN = encode(pixels(3), "PNG")
LABEL = "0 0.5 0.5 0.1 0.05\n"


def reading_of(path: Path) -> Reading:
    return Reading(
        boxes=np.array([[100, 200, 120, 220]], np.float32),
        confidences=np.array([0.9], np.float32),
        classes=np.array([0]),
        scan_abnormal_confidence=0.9,
        scan=Scan(pixels(3), path=path),
    )


def pictures(path: Path = Path("7_ant.png")) -> dict[str, bytes]:
    reading = reading_of(path)
    measures = measure(reading)
    return {"picture": draw(reading), "outlines": draw_outlines(measures), "mask": mask_png(measures)}


@pytest.mark.parametrize("kind", ["picture", "outlines", "mask"])
def test_a_drawn_picture_is_refused_by_name_and_passed_over_elsewhere(kind: str, tmp_path: Path) -> None:
    """Drawn pictures of an earlier run beside the scans."""
    (tmp_path / "7_ant.png").write_bytes(SCAN)
    drawn = tmp_path / "runs" / "7_ant.png"
    drawn.parent.mkdir()
    drawn.write_bytes(pictures()[kind])
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.write(tmp_path / "7_ant.png", "8_ant.png")
        archive.write(drawn, "8_ant_drawn.png")
    assert find_scan_files(str(tmp_path)) == [tmp_path / "7_ant.png", tmp_path / "all.zip" / "8_ant.png"]
    assert find_scan_files(f"{tmp_path}/**/7*.png") == [tmp_path / "7_ant.png"]
    with pytest.raises(ScanError, match="is a picture that bonescan made of a scan"):
        read_scans(drawn)
    with pytest.raises(ScanError, match="matches only pictures that bonescan made of scans"):
        find_scan_files(f"{tmp_path}/runs/*.png")


def test_a_picture_with_another_text_is_a_scan(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.fromarray(pixels(3)).save(file, "PNG", description="drawn by hand")
    (tmp_path / "7_ant.png").write_bytes(file.getvalue())
    assert find_scan_files(str(tmp_path)) == [tmp_path / "7_ant.png"]


@pytest.mark.parametrize("form", ["yolo", "coco", "csv"])
def test_results_are_read_back_with_the_scans_and_never_with_the_drawn_pictures(
    form: Format, model_path: Path, tmp_path: Path
) -> None:
    """`predict --format X` and then `convert X`: the drawn picture was taken for the scan."""
    scans, results, out = tmp_path / "scans", tmp_path / "results", tmp_path / "out"
    scans.mkdir()
    (scans / "7_ant.png").write_bytes(SCAN)
    writer = ResultFiles(results, form, [scans / "7_ant.png"], Detector(model_path), pictures=True)
    writer.add(reading_of(scans / "7_ant.png"))
    writer.close()
    with pytest.raises(BonescanError, match="made of scans, and not the scans; name their folder with --images"):
        convert_main([form, str(results), "--out", str(out)])
    assert convert_main([form, str(results), "--images", str(scans), "--out", str(out)]) == 0
    (written,) = (out / "images").rglob("*.png")
    assert written.read_bytes() == SCAN
    (label,) = (out / "labels").rglob("*.txt")
    np.testing.assert_allclose(
        [float(v) for v in label.read_text().split()], [0, 110 / 256, 210 / 1024, 20 / 256, 20 / 1024], atol=1e-5
    )


def test_a_scan_copied_beside_its_drawn_picture_is_the_one_that_is_taken(tmp_path: Path) -> None:
    files: dict[str, Content] = {
        "7_ant.bmp": encode(pixels(3), "BMP"),
        "7_ant.png": pictures()["picture"],
        "7_ant.txt": LABEL,
    }
    found = convert(tmp_path, "yolo", {**files, "data.yaml": "names: [abnormal, normal]"})
    assert [(name, len(boxes)) for name, boxes in found.boxes.items()] == [("7_ant", 1)]
    assert found.report["ignored"] == {"pictures that bonescan made of scans": 1, "other files": 1}
