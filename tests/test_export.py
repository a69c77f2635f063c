"""Export: the file agrees with the weights, describes itself, and is not kept when it does not agree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from PIL import Image

from bonescan_yolo import export as export_module
from bonescan_yolo.detector import DEFAULT_MODEL, Detector
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.export import HALF_TOLERANCE, ROUNDING_TOLERANCE, Agreement, export
from bonescan_yolo.model_card import DEFAULT_IOU
from bonescan_yolo.ultralytics_setup import prepare_ultralytics

pytestmark = pytest.mark.slow

CALM_SPREAD = 0.001


def save_weights(
    path: Path, channels: int = 1, names: tuple[str, ...] = ("abnormal", "normal"), spread: float = 0.2
) -> Path:
    """Untrained weights in a .pt file as Ultralytics writes it, with random but fixed values."""
    prepare_ultralytics()
    import torch
    from ultralytics.nn.tasks import DetectionModel

    torch.manual_seed(0)
    model = DetectionModel("yolov8n.yaml", ch=channels, nc=len(names), verbose=False)
    model.names = dict(enumerate(names))
    for part in (*model.model[-1].cv2, *model.model[-1].cv3):  # untrained boxes and scores are all the same
        torch.nn.init.normal_(part[-1].weight, std=spread)
        torch.nn.init.zeros_(part[-1].bias)
    for layer in model.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.momentum = 1.0
    with torch.no_grad():
        model.train()(torch.rand(4, channels, 256, 256) ** 4)  # statistics for the normalisation layers
    model.eval()
    torch.save({"model": model.half(), "train_args": {"task": "detect"}, "epoch": -1}, path)
    return path


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three scans of noise in each split."""
    folder = tmp_path_factory.mktemp("data")
    generator = np.random.default_rng(0)
    for split in ("train", "val"):
        (folder / "images" / split).mkdir(parents=True)
        for index in range(3):
            pixels = generator.poisson(20, (1024, 256)).astype(np.uint8)
            Image.fromarray(pixels).save(folder / "images" / split / f"{index}.png")
    (folder / "dataset.yaml").write_text(
        "train: images/train\nval: images/val\nchannels: 1\nnames: {0: abnormal, 1: normal}\n"
    )
    return folder / "dataset.yaml"


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_weights(tmp_path_factory.mktemp("weights") / "best.pt")


@pytest.fixture(scope="module")
def calm_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights whose boxes depend on rounding as little as those of trained ones; random ones are off by pixels."""
    return save_weights(tmp_path_factory.mktemp("weights") / "calm.pt", spread=CALM_SPREAD)


@pytest.fixture(scope="module")
def exported(weights: Path, dataset: Path) -> Path:
    path = weights.with_name("model.onnx")
    agreement = export(weights, path, dataset, trained_on="noise")
    assert agreement.scans == 3
    assert 0 < agreement.box_px < 0.1
    assert 0 < agreement.score < 0.001
    return path


def test_file_describes_itself(exported: Path) -> None:
    model = onnx.load(exported)
    onnx.checker.check_model(model, full_check=True)
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    card = json.loads(metadata["bonescan_yolo"])
    assert card["trained_on"] == "noise"
    assert card["class_names"] == ["abnormal", "normal"]
    assert (card["input_height"], card["input_width"]) == (1024, 256)
    assert metadata["license"] == "AGPL-3.0-or-later"
    assert "medical device" in metadata["description"]
    assert not any(str(exported.parent.parent) in value for value in metadata.values())
    assert model.opset_import[0].version == 12


def test_repeated_export_writes_the_same_bytes(exported: Path, weights: Path, dataset: Path, tmp_path: Path) -> None:
    export(weights, tmp_path / "again.onnx", dataset, trained_on="noise")
    assert (tmp_path / "again.onnx").read_bytes() == exported.read_bytes()


def test_nothing_is_left_beside_the_weights(exported: Path) -> None:
    assert {path.name for path in exported.parent.iterdir()} == {"best.pt", "model.onnx"}


def test_stock_ultralytics_finds_the_same_boxes(exported: Path, dataset: Path) -> None:
    prepare_ultralytics()
    from ultralytics import YOLO

    scan = dataset.parent / "images" / "val" / "0.png"
    ours = Detector(exported, confidence=0.3)(scan)[0]
    theirs = (
        YOLO(str(exported), task="detect")
        .predict(str(scan), imgsz=(1024, 256), conf=0.3, iou=DEFAULT_IOU, verbose=False, save=False)[0]
        .boxes
    )
    assert len(ours.boxes) == len(theirs) > 5
    order_ours = np.lexsort(np.rint(ours.boxes).T)
    order_theirs = np.lexsort(np.rint(theirs.xyxy.numpy()).T)
    np.testing.assert_allclose(ours.boxes[order_ours], theirs.xyxy.numpy()[order_theirs], atol=0.5)
    np.testing.assert_allclose(ours.confidences[order_ours], theirs.conf.numpy()[order_theirs], atol=1e-3)
    np.testing.assert_array_equal(ours.classes[order_ours], theirs.cls.numpy()[order_theirs])


def test_a_file_that_differs_is_not_kept(
    weights: Path, dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shifted(self: Any, frame: np.ndarray) -> np.ndarray:
        output = original(self, frame).copy()
        output[0] += 1.5
        return output

    original = Detector.run
    monkeypatch.setattr(Detector, "run", shifted)
    kept = tmp_path / "model.onnx"
    kept.write_bytes(b"the model before")
    with pytest.raises(BonescanError, match=r"not written.* differs .* by 1\.5\d\d px"):
        export(weights, kept, dataset, trained_on="noise")
    assert kept.read_bytes() == b"the model before"


@pytest.mark.parametrize(
    ("box_px", "score", "close"), [(0.0, 0.0, True), (0.1, 0.001, True), (0.11, 0.0, False), (0.0, 0.002, False)]
)
def test_agreement_is_about_boxes_and_scores(box_px: float, score: float, close: bool) -> None:
    assert Agreement(1, box_px, score).is_within(ROUNDING_TOLERANCE) is close


def test_half_the_file_is_nearly_the_same_network(calm_weights: Path, dataset: Path, tmp_path: Path) -> None:
    full, half, again = (tmp_path / f"{name}.onnx" for name in ("full", "half", "again"))
    agreements = [export(calm_weights, path, dataset, "noise", half=path != full) for path in (full, half, again)]
    assert half.read_bytes() == again.read_bytes()
    assert half.stat().st_size < 0.52 * full.stat().st_size
    assert agreements[1].is_within(HALF_TOLERANCE)
    assert agreements[0].box_px < agreements[1].box_px
    described = [{entry.key: entry.value for entry in onnx.load(path).metadata_props} for path in (full, half)]
    assert described[0] == described[1]


def test_weights_that_bear_no_rounding_are_refused(weights: Path, dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(BonescanError, match="not written"):
        export(weights, tmp_path / "half.onnx", dataset, "noise", half=True)
    assert not (tmp_path / "half.onnx").exists()


def test_command_writes_the_threshold_into_the_file(calm_weights: Path, dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "half.onnx"
    options = ["--data", str(dataset), "--out", str(out), "--conf", "0.35", "--half"]
    assert export_module.main([str(calm_weights), *options]) == 0
    detector = Detector(out)
    assert (detector.confidence, detector.card.trained_on) == (0.35, "unknown")


@pytest.mark.parametrize("value", [-0.1, 1.5, float("nan")])
def test_a_threshold_is_a_fraction(weights: Path, dataset: Path, tmp_path: Path, value: float) -> None:
    with pytest.raises(BonescanError, match=r"confidence .*: lies outside 0 to 1; give a fraction such as 0\.25"):
        export(weights, tmp_path / "model.onnx", dataset, "noise", confidence=value)


def test_the_shipped_model_is_not_written_by_default() -> None:
    assert export_module.DEFAULT_OUT != DEFAULT_MODEL


def test_coloured_or_foreign_weights_are_refused(dataset: Path, tmp_path: Path) -> None:
    coloured = save_weights(tmp_path / "colour.pt", channels=3)
    with pytest.raises(BonescanError, match="3 channels"):
        export(coloured, tmp_path / "model.onnx", dataset, trained_on="noise")
    foreign = save_weights(tmp_path / "foreign.pt", names=("cat", "dog", "cow"))
    with pytest.raises(BonescanError, match="classes \\['cat', 'dog', 'cow'\\]"):
        export(foreign, tmp_path / "model.onnx", dataset, trained_on="noise")
    broken = tmp_path / "broken.pt"
    broken.write_bytes(b"not weights")
    with pytest.raises(BonescanError, match=r"is not a YOLO \.pt file"):
        export(broken, tmp_path / "model.onnx", dataset, trained_on="noise")
    assert not (tmp_path / "model.onnx").exists()


def test_command_asks_for_the_data_of_weights_without_a_record(weights: Path) -> None:
    with pytest.raises(BonescanError, match=r"no run\.json tells its data set; give --data"):
        export_module.main([str(weights)])
    with pytest.raises(BonescanError, match="does not exist; train first"):
        export_module.main(["nowhere.pt"])
