"""What a reader of scans does with the page, by mouse and by keyboard."""

from __future__ import annotations

import io
import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser

from bonescan_yolo.commands import predict
from tests.conftest import RunCommand
from tests.factories import CELL, SPOTS, count_scan, grey_scan, nm_dataset, save, save_dicom
from tests.web.conftest import WEB
from tests.web.page import TABLET, ReaderPage
from tests.web.stand_in import CARD, make_app_model

pytestmark = pytest.mark.slow

VERMILION = (255, 90, 54)
TWO_THRESHOLDS = {**CARD, "confidence": 0.9, "normal_confidence": 0.5}
POINTS = {
    **TWO_THRESHOLDS,
    "sensitive": {"abnormal": 0.3, "normal": 0.5},
    "specific": {"abnormal": 0.98, "normal": 0.5},
}
"""The last has a threshold above the range of the slider."""


@pytest.fixture
def two_views(tmp_path: Path) -> list[Path]:
    """Return the views of one patient, and a second patient with one."""
    return [
        save(tmp_path / "1_ant.png", grey_scan()),
        save(tmp_path / "1_post.png", grey_scan(SPOTS[:2], (240, 180))),
        save(tmp_path / "2_ant.png", grey_scan(SPOTS[:1], (230,))),
    ]


def picture_of(reader: ReaderPage, pane: int = 0) -> np.ndarray:
    """Return what a pane shows, (height, width, 3)."""
    reader.settle()
    shot = reader.page.locator(".pane").nth(pane).screenshot()
    return np.array(Image.open(io.BytesIO(shot)).convert("RGB"))


def colour_share(picture: np.ndarray, colour: tuple[int, int, int]) -> float:
    """Return the share of pixels of about a colour."""
    return float((np.abs(picture.astype(int) - colour).max(axis=2) < 40).mean())


def test_views_of_a_patient_stand_side_by_side(reader: ReaderPage, two_views: list[Path]) -> None:
    reader.drop([two_views[1], two_views[2], two_views[0]])
    reader.wait_until_read()
    reader.wait(lambda: reader.page.locator(".pane").count() == 2, "both views")
    titles = reader.page.locator(".pane .title").all_inner_texts()
    assert [title.split()[0] for title in titles] == ["Anterior", "Posterior"]
    left, right = (reader.page.locator(".pane").nth(index).bounding_box() for index in (0, 1))
    assert left is not None
    assert right is not None
    assert left["x"] + left["width"] <= right["x"]
    assert left["y"] == right["y"]
    assert reader.text("#table-caption") == "5 hot spots"


@pytest.mark.parametrize("way", ["drop", "button"])
def test_a_folder_gives_its_scans_and_nothing_else(reader: ReaderPage, tmp_path: Path, way: str) -> None:
    folder = tmp_path / "set"
    for view in ("ANT", "POST"):
        save(folder / f"wholeBody{view}" / "7.jpg", grey_scan(), quality=95)
    save_dicom(folder / "IM0001", nm_dataset([count_scan()], ("Anterior",)))
    for other in ("DICOMDIR", "LICENCE", "notes.txt", ".hidden.png"):
        (folder / other).write_bytes(b"no scan")
    if way == "drop":
        reader.drop([folder])
    else:
        reader.page.set_input_files("#folder-input", str(folder))
    reader.wait(lambda: reader.page.locator("#study-list li").count() > 0, "opening")
    reader.wait_until_read()
    assert reader.failures() == []
    paths = sorted(reading["scan"]["path"] for reading in reader.saved_json())
    assert paths == ["set/IM0001", "set/wholeBodyANT/7.jpg", "set/wholeBodyPOST/7.jpg"]
    assert reader.page.locator("#study-list li").count() == 2


def test_both_frames_of_a_dicom_file_are_one_study(reader: ReaderPage, tmp_path: Path) -> None:
    frames = nm_dataset([count_scan(), count_scan()], ("Posterior", "Anterior"))
    reader.open([save_dicom(tmp_path / "IM0001", frames)])
    reader.wait(lambda: reader.page.locator(".pane").count() == 2, "both views")
    titles = reader.page.locator(".pane .title").all_inner_texts()
    assert [title.split()[0] for title in titles] == ["Anterior", "Posterior"]
    assert reader.text("#size-head") == "Size, mm"
    assert "36 x 36" in reader.text("#table")


def test_pointing_at_a_row_lights_the_box_and_the_other_way_round(reader: ReaderPage, two_views: list[Path]) -> None:
    reader.open(two_views[:1])
    before = colour_share(picture_of(reader), VERMILION)
    reader.page.locator("#table tbody button").first.hover()
    assert colour_share(picture_of(reader), VERMILION) > 1.2 * before
    reader.page.mouse.move(5, 5)
    assert reader.page.locator("tr.lit").count() == 0
    reader.page.locator("#table tbody button").nth(1).focus()
    assert reader.page.locator("tr.lit").count() == 1
    reader.page.evaluate("() => document.activeElement.blur()")
    pane = reader.page.locator(".pane").first.bounding_box()
    assert pane is not None
    found = None
    for x in range(int(pane["x"]), int(pane["x"] + pane["width"]), 4):  # somewhere on a line lies the second spot
        for y in range(int(pane["y"]) + 220, int(pane["y"]) + 400, 6):
            reader.page.mouse.move(x, y)
            if reader.page.locator("tr.lit").count():
                found = reader.page.locator("tr.lit").inner_text()
                break
        if found:
            break
    assert found is not None
    assert "normal" in found or "abnormal" in found


def test_keys_do_all_of_it(reader: ReaderPage, two_views: list[Path]) -> None:
    reader.open(two_views)
    first = picture_of(reader)
    reader.press("i")
    assert picture_of(reader).mean() > first.mean() + 20
    reader.press("i", "b")
    assert colour_share(picture_of(reader), VERMILION) == 0
    reader.press("b", "+", "+")
    assert not np.array_equal(picture_of(reader), first)
    reader.press("0")
    assert np.array_equal(picture_of(reader), first)
    window = reader.text(".pane .foot >> nth=0")
    reader.press("Shift+ArrowRight")
    assert reader.text(".pane .foot >> nth=0") != window
    reader.press("r")
    reader.settle()
    assert reader.text(".pane .foot >> nth=0") == window
    reader.press("ArrowLeft")
    assert not np.array_equal(picture_of(reader), first)
    reader.press("0", "n")
    reader.wait(lambda: reader.page.locator(".pane").count() == 1, "the next scan")
    reader.press("p")
    reader.wait(lambda: reader.page.locator(".pane").count() == 2, "the scan before")
    reader.press("t")
    assert reader.page.evaluate("() => document.activeElement.textContent") == "1"
    reader.press("ArrowDown")
    assert reader.page.evaluate("() => document.activeElement.textContent") == "2"
    assert reader.page.locator("tr.lit").count() == 1
    reader.press("Enter")
    assert not np.array_equal(picture_of(reader), first)
    reader.press("h")
    assert reader.page.locator("#help-dialog").is_visible()
    assert reader.page.locator("#keys dt").count() > 20
    reader.press("Escape")
    assert not reader.page.locator("#help-dialog").is_visible()


def test_single_keys_can_be_switched_off(reader: ReaderPage, two_views: list[Path]) -> None:
    reader.open(two_views)
    reader.press("h")
    reader.page.uncheck("#keys-on")
    reader.press("Escape", "i")
    assert reader.page.get_attribute("#inverted", "aria-pressed") == "false"
    reader.press("PageDown")
    reader.wait(lambda: reader.page.locator(".pane").count() == 1, "the next scan")


def test_dragging_sets_the_window_and_the_wheel_zooms(reader: ReaderPage, two_views: list[Path]) -> None:
    reader.open(two_views)
    window = reader.text(".pane .foot >> nth=0")
    pane = reader.page.locator(".pane").first.bounding_box()
    assert pane is not None
    x, y = pane["x"] + pane["width"] / 2, pane["y"] + pane["height"] / 2
    reader.page.mouse.move(x, y)
    reader.page.mouse.down()
    reader.page.mouse.move(x + 60, y - 30, steps=4)
    reader.page.mouse.up()
    reader.settle()
    feet = reader.page.locator(".pane .foot").all_inner_texts()
    assert window not in feet
    assert len(feet) == 2
    before = picture_of(reader)
    reader.page.mouse.wheel(0, -300)
    zoomed = picture_of(reader)
    assert not np.array_equal(before, zoomed)
    reader.press("v")
    reader.page.mouse.down()
    reader.page.mouse.move(x - 50, y + 40, steps=4)
    reader.page.mouse.up()
    assert reader.page.locator(".pane .foot").all_inner_texts() == feet
    assert not np.array_equal(picture_of(reader), zoomed)


def test_the_threshold_starts_at_the_models_own_and_filters(reader: ReaderPage, two_views: list[Path]) -> None:
    reader.open(two_views[:1])
    assert reader.text("#threshold-value") == "0.25"
    assert reader.page.locator("#table tbody button").count() == 3
    reader.page.fill("#threshold", "0.7")
    assert reader.page.locator("#table tbody button").count() == 2
    (reading,) = reader.saved_json("j")
    assert reading["model"]["confidence_threshold"] == 0.7
    assert len(reading["detections"]) == 2
    reader.press(",")
    assert reader.text("#threshold-value") == "0.69"
    reader.page.fill("#threshold", "0.05")
    assert reader.page.locator("#table tbody button").count() > 3
    reader.page.click("#model-threshold")
    assert reader.page.locator("#table tbody button").count() == 3


def test_a_model_with_a_threshold_for_each_class(
    reader: ReaderPage, two_views: list[Path], tmp_path: Path, run_command: RunCommand
) -> None:
    """The spots have 0.98 and 0.78, both abnormal, and 0.59, normal; `predict` shows and writes the same."""
    model = tmp_path / "two-app.onnx"
    model.write_bytes(make_app_model(TWO_THRESHOLDS))
    reader.open_model(model)
    reader.wait(lambda: reader.text("#model-name") == "Model: two-app.onnx", "the other model")
    reader.open(two_views[:1])
    assert reader.text("#threshold-value") == "abnormal 0.90\nnormal 0.50"
    assert classes_of(reader) == ["abnormal", "normal"]
    (reading,) = reader.saved_json("j")
    assert reading["model"]["confidence_threshold"] == 0.5
    assert reading["model"]["class_thresholds"] == {"abnormal": 0.9, "normal": 0.5}
    assert run_command(predict.main, two_views[0], "--model", model, "--out", tmp_path / "out").code == 0
    ours = json.loads((tmp_path / "out" / "1_ant.json").read_text(encoding="utf-8"))
    assert (reading["model"], reading["detections"]) == (ours["model"], ours["detections"])
    reader.page.click("#about")
    assert "abnormal 0.9, normal 0.5" in reader.text("#model-facts")
    reader.press("Escape")


def test_both_thresholds_move_together(reader: ReaderPage, two_views: list[Path], tmp_path: Path) -> None:
    (tmp_path / "two-app.onnx").write_bytes(make_app_model(TWO_THRESHOLDS))
    reader.open_model(tmp_path / "two-app.onnx")
    reader.wait(lambda: reader.text("#model-name") == "Model: two-app.onnx", "the other model")
    reader.open(two_views[:1])
    reader.page.fill("#threshold", "0.6")  # normal: 0.05 + (0.6 - 0.05) / (0.9 - 0.05) * (0.5 - 0.05)
    assert reader.text("#threshold-value") == "abnormal 0.60\nnormal 0.34"
    assert reader.page.get_attribute("#threshold", "aria-valuetext") == "abnormal 0.60, normal 0.34"
    assert classes_of(reader) == ["abnormal", "abnormal", "normal"]
    (reading,) = reader.saved_json("j")
    assert reading["model"]["class_thresholds"] == {"abnormal": 0.6, "normal": 0.3412}
    reader.press(".")
    assert reader.text("#threshold-value") == "abnormal 0.61\nnormal 0.35"
    reader.page.fill("#threshold", "0.95")
    assert reader.text("#threshold-value") == "0.95"
    assert classes_of(reader) == ["abnormal"]
    (reading,) = reader.saved_json("j")
    assert "class_thresholds" not in reading["model"]
    reader.page.fill("#threshold", "0.05")
    assert reader.text("#threshold-value") == "0.05"
    assert len(classes_of(reader)) > 3
    reader.page.click("#model-threshold")
    assert reader.text("#threshold-value") == "abnormal 0.90\nnormal 0.50"


def test_the_operating_points_are_buttons(
    reader: ReaderPage, two_views: list[Path], tmp_path: Path, run_command: RunCommand
) -> None:
    """`predict` shows and writes the same at each point."""
    model = tmp_path / "points-app.onnx"
    model.write_bytes(make_app_model(POINTS))
    assert reader.page.is_hidden("#points")
    reader.open_model(model)
    reader.wait(lambda: reader.text("#model-name") == "Model: points-app.onnx", "the other model")
    reader.open(two_views[:1])
    assert pressed(reader) == ["Balanced"]
    for name in ("sensitive", "specific", "balanced"):
        reader.page.click(f"#point-{name}")
        assert pressed(reader) == [name.capitalize()]
        (reading,) = reader.saved_json("j")
        arguments = (two_views[0], "--model", model, "--out", tmp_path / name, "--operating-point", name)
        assert run_command(predict.main, *arguments).code == 0
        ours = json.loads((tmp_path / name / "1_ant.json").read_text(encoding="utf-8"))
        assert (reading["model"], reading["detections"]) == (ours["model"], ours["detections"])
        assert reading["model"]["operating_point"] == name
    reader.page.fill("#threshold", "0.6")
    assert pressed(reader) == []
    (reading,) = reader.saved_json("j")
    assert "operating_point" not in reading["model"]
    assert reader.page.is_hidden("#model-threshold")
    reader.page.click("#point-balanced")
    assert pressed(reader) == ["Balanced"]
    reader.page.click("#about")
    assert "abnormal 0.3, normal 0.5" in reader.text("#model-facts")
    reader.press("Escape")


def pressed(reader: ReaderPage) -> list[str]:
    return reader.page.locator("#points [aria-pressed=true]").all_inner_texts()


def classes_of(reader: ReaderPage) -> list[str]:
    """Return the classes of the boxes in the table."""
    rows = reader.page.locator("#table tbody tr:has(button)").all_inner_texts()
    return [next(word for word in row.split() if word in ("abnormal", "normal")) for row in rows]


def test_what_is_saved(reader: ReaderPage, two_views: list[Path]) -> None:
    reader.open(two_views)
    name, content = reader.saved("j")
    assert name == "1.jsonl"
    assert [json.loads(line)["scan"]["path"] for line in content.splitlines()] == ["1_ant.png", "1_post.png"]
    name, content = reader.saved("g")
    assert name == "1.png"
    picture = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    assert picture.shape[1] == 2 * 512 + 8
    assert colour_share(picture, VERMILION) > 0
    name, content = reader.saved("a")
    assert name == "readings.jsonl"
    assert len(content.splitlines()) == 3
    reader.press("n")
    reader.wait(lambda: reader.page.locator(".pane").count() == 1, "the next scan")
    name, content = reader.saved("j")
    assert name == "2_ant.json"
    assert json.loads(content)["summary"]["n_abnormal"] == 1


def test_another_model_replaces_the_built_in_one(reader: ReaderPage, two_views: list[Path], tmp_path: Path) -> None:
    reader.open(two_views[:1])
    other = tmp_path / "strict-app.onnx"
    other.write_bytes(make_app_model({**CARD, "confidence": 0.9, "trained_on": "other squares"}))
    reader.drop([other])
    reader.wait(lambda: reader.text("#model-name") == "Model: strict-app.onnx", "the other model")
    reader.wait(lambda: reader.page.locator("#table tbody button").count() == 1, "reading anew")
    reader.wait_until_read()  # the new threshold hides boxes of the old reading at once
    (reading,) = reader.saved_json("j")
    assert reading["model"]["file"] == "strict-app.onnx"
    assert reading["model"]["trained_on"] == "other squares"
    assert reading["model"]["confidence_threshold"] == 0.9


def message_names(reader: ReaderPage, name: str) -> bool:
    """Return whether the page's message is about this file."""
    return name in (reader.page.text_content("#message") or "")


def test_a_foreign_model_is_refused_and_the_own_one_stays(
    reader: ReaderPage, two_views: list[Path], tmp_path: Path
) -> None:
    foreign = {
        "stock.onnx": (make_app_model({**CARD, "layout": "stock"}), "is a model of layout stock"),
        "newer.onnx": (make_app_model({**CARD, "schema": 9}), "has description schema 9, newer than 5"),
        "junk.onnx": (b"no model", "is not an ONNX model"),
        "broken.onnx": (make_app_model().replace(b"AveragePool", b"AveragePuul"), "that can be loaded"),
    }
    for name, (content, message) in foreign.items():
        (tmp_path / name).write_bytes(content)
        reader.open_model(tmp_path / name)
        reader.wait(partial(message_names, reader, name), "a message")
        assert message in reader.text("#message")
    assert reader.text("#model-name") == "Model: squares-app.onnx"
    reader.open(two_views[:1])
    assert reader.page.locator("#table tbody button").count() == 3


@pytest.mark.parametrize("size", [None, TABLET, (1180, 820), (768, 1024)])
def test_nothing_is_cut_off(
    browser: Browser, page_path: Path, two_views: list[Path], size: tuple[int, int] | None
) -> None:
    page = ReaderPage(browser, page_path, *([size] if size else []))
    page.wait_until_ready()
    page.open(two_views)
    overflow = page.page.evaluate(
        """() => [...document.querySelectorAll('button, canvas, #threshold, footer p')].filter((element) => {
            const {left, right, bottom, width} = element.getBoundingClientRect();
            const inList = element.closest('#study-list, #table-area, dialog');
            return !inList && width && (left < 0 || right > innerWidth + 0.5 || bottom > innerHeight + 0.5);
        }).map((element) => element.id || element.tagName)"""
    )
    assert overflow == []
    pane = page.page.locator(".pane").first.bounding_box()
    assert pane is not None
    assert pane["height"] > 300
    page.close()


def test_axe_finds_nothing_serious(reader: ReaderPage, two_views: list[Path], tmp_path: Path) -> None:
    axe = (WEB / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    reader.page.evaluate(f"() => {{ {axe} }}")

    def check(state: str) -> None:
        found = reader.page.evaluate("async () => (await axe.run()).violations.map(({id, impact}) => [impact, id])")
        assert [violation for violation in found if violation[0] in ("serious", "critical")] == [], state

    check("empty")
    (tmp_path / "bad.png").write_bytes(b"bad")
    reader.open([*two_views, tmp_path / "bad.png"])
    reader.wait_for_view()
    check("a study and a file that was not read")
    for name in ("help", "about"):
        reader.page.click(f"#{name}")
        check(name)
        reader.press("Escape")


def test_it_says_what_it_is_and_what_is_inside(reader: ReaderPage) -> None:
    assert "Research software, not a medical device." in reader.text("#notice")
    assert "Nothing leaves this computer" in reader.text("#empty")
    reader.page.click("#about")
    listed = reader.page.locator("#licences summary").all_inner_texts()
    packages = json.loads((WEB / "package.json").read_text(encoding="utf-8"))["dependencies"]
    for name, version in packages.items():
        assert any(line.startswith(f"{name} {version}, ") for line in listed), name
    assert reader.page.locator("#licences pre").count() == len(listed)
    assert "trained on" in reader.text("#model-facts").lower()


def test_cells_are_where_the_picture_shows_them(reader: ReaderPage, tmp_path: Path) -> None:
    """The box drawn lies around the spot: the only pixels of the scan that are not dark are inside its outline."""
    lone = np.zeros((1024, 256), np.uint8)
    lone[30 * CELL : 31 * CELL, 4 * CELL : 5 * CELL] = 255
    reader.open([save(tmp_path / "lone_ant.png", lone)])
    reader.read_anyway()  # one spot is no body, which a line on the scan says
    reader.page.evaluate("() => document.querySelector('.doubts').remove()")
    picture = picture_of(reader)
    outline = np.argwhere(np.abs(picture.astype(int) - VERMILION).max(axis=2) < 40)
    reader.press("b")
    shown = picture_of(reader)
    shown[:40] = shown[-40:] = 0  # the captions
    hot = np.argwhere(shown.min(axis=2) > 60)
    assert len(hot)
    assert (outline.min(axis=0) <= hot.min(axis=0)).all()
    assert (hot.max(axis=0) <= outline.max(axis=0)).all()
