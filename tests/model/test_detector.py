"""The detector, with a network whose answer is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import bonescan_yolo
from bonescan_yolo.boxes import iou
from bonescan_yolo.classes import ABNORMAL
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.model import runtime
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.detector import Detector, Reading
from bonescan_yolo.model.rescoring import FLOOR, rescore
from bonescan_yolo.model.thresholds import Thresholds
from bonescan_yolo.scan import Scan, read_scans
from tests import factories
from tests.factories import SPOT_BOXES, SPOT_CLASSES, SPOT_CONFIDENCES


@pytest.fixture(scope="module")
def detector(model_path: Path) -> Detector:
    return Detector(model_path)


def assert_finds_the_spots(reading: Reading, scale: float = 1) -> None:
    """Check boxes and classes against the hot spots, in any order."""
    assert (np.diff(reading.confidences) <= 0).all()
    expected = sorted(zip((np.array(SPOT_BOXES) * scale).tolist(), SPOT_CLASSES, strict=True))
    assert sorted(zip(reading.boxes.tolist(), reading.classes.tolist(), strict=True)) == expected


def test_known_boxes_of_a_file(detector: Detector, scan_path: Path) -> None:
    (reading,) = detector(scan_path)
    np.testing.assert_allclose(reading.boxes, SPOT_BOXES)
    np.testing.assert_allclose(reading.confidences, SPOT_CONFIDENCES, atol=1e-5)
    assert reading.classes.tolist() == SPOT_CLASSES
    assert (reading.n_abnormal, reading.n_normal) == (2, 1)
    assert reading.scan_abnormal_confidence == pytest.approx(SPOT_CONFIDENCES[0])
    assert reading.scan.path == scan_path
    assert reading.boxes.dtype == np.float32
    assert reading.confidences.dtype == np.float32


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp"])
def test_the_same_boxes_from_every_lossless_format(detector: Detector, tmp_path: Path, suffix: str) -> None:
    (reading,) = detector(factories.save(tmp_path / f"1.{suffix}", factories.grey_scan()))
    np.testing.assert_allclose(reading.boxes, SPOT_BOXES)


def test_the_white_background_is_turned_round(detector: Detector, tmp_path: Path) -> None:
    (reading,) = detector(factories.save(tmp_path / "1.png", 255 - factories.grey_scan()))
    np.testing.assert_allclose(reading.boxes, SPOT_BOXES)
    np.testing.assert_allclose(reading.confidences, SPOT_CONFIDENCES, atol=1e-5)


def test_counts_of_sixteen_bits_and_dicom(detector: Detector, tmp_path: Path) -> None:
    counts = factories.count_scan()
    png = factories.save(tmp_path / "1.png", counts)
    dicom = factories.save_dicom(tmp_path / "1.dcm", factories.nm_dataset([counts, counts], ["Anterior", "Posterior"]))
    for reading in (*detector(png), *detector(dicom)):
        assert_finds_the_spots(reading)
        assert (reading.confidences == 1).all()


@pytest.mark.parametrize(
    "change",
    [
        lambda grey: grey,
        lambda grey: grey.astype(np.uint16) * 4,
        lambda grey: grey.astype(np.float32) / 255,
        lambda grey: grey.astype(np.float64) * 1e6,
        lambda grey: grey > 100,
    ],
    ids=["uint8", "uint16", "float32", "float64", "bool"],
)
def test_arrays_of_any_type(detector: Detector, change: Any) -> None:
    (reading,) = detector(change(factories.grey_scan()), force=True)  # a mask of the spots is no scan
    assert_finds_the_spots(reading)
    assert reading.scan.path is None


def test_an_array_of_three_axes_is_refused(detector: Detector) -> None:
    with pytest.raises(BonescanError, match="array: has shape 1024 x 256 x 3; give one grey scan"):
        detector(np.zeros((1024, 256, 3), np.uint8))


@pytest.mark.parametrize(("width", "height"), [(512, 2048), (128, 512)])
def test_other_sizes_of_the_same_shape(detector: Detector, width: int, height: int) -> None:
    grey = np.asarray(Image.fromarray(factories.grey_scan()).resize((width, height), Image.Resampling.NEAREST))
    assert_finds_the_spots(detector(grey)[0], scale=width / 256)


def test_a_scan_of_another_shape_is_fitted_and_its_boxes_come_back(detector: Detector) -> None:
    """300 x 700 is fitted to 256 x 597, with 213 rows above: cells lie at known places of the scan."""
    column, row, side = 5 * 16, 25 * 16, 48  # of the input: three whole cells each way
    grey = np.zeros((700, 300), np.uint8)
    x1, x2 = (column * 300 / 256, (column + side) * 300 / 256)
    y1, y2 = ((row - 213) * 700 / 597, (row + side - 213) * 700 / 597)
    grey[round(y1) - 2 : round(y2) + 2, round(x1) - 2 : round(x2) + 2] = 250
    (reading,) = detector(grey, force=True)
    best = reading.boxes[reading.confidences > 0.9]
    assert len(best) == 9
    np.testing.assert_allclose(best.min(axis=0)[:2], [x1, y1], atol=0.01)
    np.testing.assert_allclose(best.max(axis=0)[2:], [x2, y2], atol=0.01)


@pytest.mark.parametrize(("width", "height"), [(512, 2048), (128, 512), (300, 700), (1000, 400), (33, 2000)])
def test_boxes_stay_within_the_scan_and_have_an_area(detector: Detector, width: int, height: int) -> None:
    grey = np.full((height, width), 120, np.uint8)  # every cell is a box, those in the margin too
    reading = detector.read(Scan(grey))
    assert len(reading.boxes) > 0
    assert (reading.boxes >= 0).all()
    assert (reading.boxes <= [width, height, width, height]).all()
    assert (reading.boxes[:, 2:] > reading.boxes[:, :2]).all()


def test_boxes_in_the_margin_are_left_out(model_path: Path) -> None:
    """66 columns reach to column 161 of the input: of the last cell's two boxes the one from 161 lies outside."""
    grey = np.zeros((1024, 66), np.uint8)
    grey[160:176, 65] = 120
    (reading,) = Detector(model_path, confidence=0.001, iou=1.0)(grey, force=True)
    assert reading.boxes.tolist() == [[65, 160, 66, 176]]
    assert (len(reading.confidences), len(reading.classes)) == (1, 1)


def test_the_scan_s_own_confidence_is_that_of_abnormal_boxes(detector: Detector) -> None:
    """On the right the network gives abnormal half the score of normal."""
    (reading,) = detector(factories.grey_scan([(12, 20)], [250]))
    assert reading.classes.tolist() == [1]
    assert reading.scan_abnormal_confidence == pytest.approx(125 / 255, abs=1e-5)


def test_two_pages_give_two_readings(detector: Detector, tmp_path: Path) -> None:
    pages = [Image.fromarray(factories.grey_scan()), Image.fromarray(factories.grey_scan([(3, 3)], [222]))]
    pages[0].save(tmp_path / "1.tif", save_all=True, append_images=pages[1:])
    first, second = detector(str(tmp_path / "1.tif"))
    np.testing.assert_allclose(first.boxes, SPOT_BOXES)
    np.testing.assert_allclose(second.boxes, [factories.spot_box((3, 3))])


def test_confidence_threshold(model_path: Path, scan_path: Path) -> None:
    for confidence, count in ((0.5, 3), (0.7, 2), (0.9, 1), (1.0, 0)):
        (reading,) = Detector(model_path, confidence=confidence)(scan_path)
        assert len(reading.boxes) == count
        assert reading.scan_abnormal_confidence == pytest.approx(SPOT_CONFIDENCES[0])


def test_a_box_at_the_threshold_is_not_above_it(model_path: Path) -> None:
    saturated = factories.grey_scan([(3, 3)], [255])
    assert Detector(model_path, confidence=1.0)(saturated)[0].confidences.tolist() == []
    assert Detector(model_path, confidence=0.999)(saturated)[0].confidences.tolist() == [1]


def test_suppression_threshold(model_path: Path, scan_path: Path) -> None:
    """The network's second box a cell lies one pixel beside the first: IoU 15/17."""
    shifted = np.add(SPOT_BOXES[:1], [1, 0, 1, 0])
    assert iou(np.array(SPOT_BOXES[:1], dtype=np.float32), np.array(shifted, dtype=np.float32))[0, 0] == pytest.approx(
        15 / 17
    )
    assert len(Detector(model_path, iou=15 / 17 - 0.01)(scan_path)[0].boxes) == 3
    assert len(Detector(model_path, iou=15 / 17 + 0.01)(scan_path)[0].boxes) == 6


def test_an_empty_scan_has_no_boxes(detector: Detector) -> None:
    empty = np.zeros((1024, 256), np.uint8)
    with pytest.raises(BonescanError, match="array: shows nothing"):
        detector(empty)
    reading = detector.read(Scan(empty))
    assert reading.boxes.shape == (0, 4)
    assert (reading.n_abnormal, reading.n_normal, reading.scan_abnormal_confidence) == (0, 0, 0)


def test_no_more_boxes_than_a_reader_could_use(model_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bright = Scan(np.full((1024, 256), 120, np.uint8))
    assert len(Detector(model_path).read(bright).boxes) == runtime.MAX_DETECTIONS
    monkeypatch.setattr(runtime, "MAX_CANDIDATES", 7)
    assert len(Detector(model_path).read(bright).boxes) == 7


def test_the_card_gives_the_defaults(tmp_path: Path) -> None:
    card = ModelCard(trained_on="squares", confidence=0.7, iou=0.95)
    (tmp_path / "x.onnx").write_bytes(factories.make_model(factories.card_metadata(card)))
    detector = Detector(tmp_path / "x.onnx")
    assert (detector.confidence, detector.iou, detector.card) == (0.7, 0.95, card)
    assert len(detector(factories.grey_scan())[0].boxes) == 4  # two spots above 0.7, each with its shifted copy
    assert Detector(tmp_path / "x.onnx", confidence=0.0, iou=0.0).confidence == 0


def test_each_class_has_the_threshold_of_the_card(tmp_path: Path, model_path: Path) -> None:
    """The spots have 0.98 and 0.78, both abnormal, and 0.59, normal."""
    card = ModelCard(trained_on="squares", confidence=0.9, normal_confidence=0.5)
    (tmp_path / "x.onnx").write_bytes(factories.make_model(factories.card_metadata(card)))
    detector = Detector(tmp_path / "x.onnx")
    assert (detector.thresholds, detector.confidence) == (Thresholds(abnormal=0.9, normal=0.5), 0.5)
    (reading,) = detector(factories.grey_scan())
    assert (reading.n_abnormal, reading.n_normal) == (1, 1)
    np.testing.assert_allclose(reading.boxes, [SPOT_BOXES[0], SPOT_BOXES[2]])
    assert reading.scan_abnormal_confidence == pytest.approx(SPOT_CONFIDENCES[0])
    for confidence, numbers in ((0.7, (2, 0)), (Thresholds(abnormal=0.99, normal=0.3), (0, 1))):
        for model in (tmp_path / "x.onnx", model_path):
            (reading,) = Detector(model, confidence=confidence)(factories.grey_scan())
            assert (reading.n_abnormal, reading.n_normal) == numbers


def test_a_box_is_compared_with_its_threshold_after_rescoring(tmp_path: Path) -> None:
    """The weaker abnormal spot has 0.47 by itself, below both thresholds, and is lifted above that of its class."""
    card = ModelCard(trained_on="squares", context_weight=4.0, context_lone=0.001)
    (tmp_path / "x.onnx").write_bytes(factories.make_model(factories.card_metadata(card)))
    scan = factories.grey_scan(greys=[250, 120, 150])
    (everything,) = Detector(tmp_path / "x.onnx", confidence=0.0)(scan)
    weaker = everything.confidences[(everything.boxes == SPOT_BOXES[1]).all(axis=1)].item()
    assert weaker > 0.6
    two = Thresholds(abnormal=weaker - 0.01, normal=0.58)
    (reading,) = Detector(tmp_path / "x.onnx", confidence=two)(scan)
    np.testing.assert_allclose(reading.boxes, SPOT_BOXES)
    (strict,) = Detector(tmp_path / "x.onnx", confidence=Thresholds(abnormal=weaker + 0.01, normal=0.6))(scan)
    np.testing.assert_allclose(strict.boxes, SPOT_BOXES[:1])


@pytest.mark.parametrize(("weight", "lone"), [(1.0, 1.0), (1.0, 0.001)])
def test_boxes_are_scored_in_the_light_of_each_other(
    model_path: Path, tmp_path: Path, weight: float, lone: float
) -> None:
    """They lift each other, unless a lone one counts for so little that they lose on the whole."""
    card = ModelCard(trained_on="squares", context_weight=weight, context_lone=lone)
    (tmp_path / "x.onnx").write_bytes(factories.make_model(factories.card_metadata(card)))
    (reading,) = Detector(tmp_path / "x.onnx", confidence=0.0)(factories.grey_scan())
    (plain,) = Detector(model_path, confidence=FLOOR)(factories.grey_scan())
    expected = rescore(plain.confidences, plain.classes, card.rescoring)
    np.testing.assert_allclose(reading.confidences, np.sort(expected)[::-1], atol=1e-5)
    abnormal = plain.classes == ABNORMAL
    assert reading.scan_abnormal_confidence == pytest.approx(expected[abnormal].max(), abs=1e-5)
    assert ((expected > plain.confidences)[abnormal] == (lone == 1)).all()
    assert (expected == plain.confidences)[~abnormal].all()


def test_another_input_size(tmp_path: Path) -> None:
    card = ModelCard(trained_on="squares", input_height=512, input_width=128)
    (tmp_path / "x.onnx").write_bytes(factories.make_model(factories.card_metadata(card), 512, 128))
    grey = np.zeros((512, 128), np.uint8)
    grey[160:176, 32:48] = 250
    np.testing.assert_allclose(Detector(tmp_path / "x.onnx")(grey, force=True)[0].boxes, [[32, 160, 48, 176]])


def model_files() -> dict[str, tuple[bytes | None, str]]:
    """Return bad model files: bytes, and what the message says."""
    good = factories.make_model(factories.card_metadata())
    small = ModelCard(trained_on="squares", input_height=512)
    return {
        "missing": (None, "does not exist; give the path of an ONNX model"),
        "empty": (b"", "is not an ONNX model that can be loaded"),
        "text": (b"not a model", "is not an ONNX model that can be loaded"),
        "truncated": (good[: len(good) // 2], "is not an ONNX model that can be loaded"),
        "foreign": (factories.make_model({"names": "{0: 'person'}"}), "is not a model of bonescan_yolo"),
        "other size": (
            factories.make_model(factories.card_metadata(small)),
            "its network does not match its description",
        ),
    }


@pytest.mark.parametrize("name", ["missing", "empty", "text", "truncated", "foreign", "other size"])
def test_bad_models(tmp_path: Path, name: str) -> None:
    content, message = model_files()[name]
    path = tmp_path / "x.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BonescanError) as error:
        Detector(path)
    assert str(error.value).startswith(f"{path}: {message}")


def test_a_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(BonescanError, match="is a folder; give the path of an ONNX model"):
        Detector(tmp_path)


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), float("inf")])
def test_thresholds_are_fractions(model_path: Path, value: float) -> None:
    with pytest.raises(BonescanError, match=r"confidence .*: is outside 0 to 1; give a fraction such as 0\.25"):
        Detector(model_path, confidence=value)
    with pytest.raises(BonescanError, match=r"confidence .*: is outside 0 to 1; give a fraction such as 0\.25"):
        Detector(model_path, confidence=Thresholds(abnormal=0.5, normal=value))
    with pytest.raises(BonescanError, match=r"iou .*: is outside 0 to 1; give a fraction such as 0\.3"):
        Detector(model_path, iou=value)


def test_reading_changes_neither_the_array_nor_the_next_reading(detector: Detector) -> None:
    grey: NDArray[np.uint8] = factories.grey_scan()
    before = grey.copy()
    first, second = detector(grey)[0], detector(grey)[0]
    np.testing.assert_array_equal(grey, before)
    np.testing.assert_array_equal(first.boxes, second.boxes)


def test_the_package_offers_two_lines() -> None:
    assert bonescan_yolo.Detector is Detector
    assert bonescan_yolo.read_scans is read_scans
    assert bonescan_yolo.BonescanError is BonescanError
    assert set(bonescan_yolo.__all__) >= {"Detector", "Reading", "Scan", "Thresholds", "__version__"}
    with pytest.raises(AttributeError, match="no attribute 'Detecter'"):
        bonescan_yolo.Detecter  # noqa: B018
