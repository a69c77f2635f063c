"""Export: the files agree with the weights and each other, describe themselves, and are not kept when they do not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from PIL import Image

from bonescan_yolo.commands import export as command
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.export import file_checks
from bonescan_yolo.export.exporting import Export, export, paths_of
from bonescan_yolo.export.file_checks import ROUNDING_TOLERANCE, Agreement
from bonescan_yolo.model.card import DEFAULT_IOU, SCHEMA, SHARED_SCHEMA, ModelCard
from bonescan_yolo.model.detector import Detector
from bonescan_yolo.model.rescoring import Rescoring
from bonescan_yolo.model.runtime import StockLayout
from bonescan_yolo.model.thresholds import Thresholds
from bonescan_yolo.model.torch_network import TorchDetector
from bonescan_yolo.output.staging import hidden_folder_beside
from bonescan_yolo.resources import MODEL_NAME
from bonescan_yolo.scan import Scan
from bonescan_yolo.third_party.ultralytics_setup import prepare_ultralytics
from tests.export.factories import CALM_SPREAD, noise_dataset, save_weights
from tests.export.graphs import a_scan

pytestmark = pytest.mark.slow

CARD = ModelCard(trained_on="noise")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return noise_dataset(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_weights(tmp_path_factory.mktemp("weights") / "best.pt")


@pytest.fixture(scope="module")
def calm_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_weights(tmp_path_factory.mktemp("weights") / "calm.pt", spread=CALM_SPREAD)


@pytest.fixture(scope="module")
def exported(weights: Path, dataset: Path) -> Export:
    return export(weights, weights.with_name("model.onnx"), dataset, CARD)


@pytest.fixture(scope="module")
def stock(exported: Export) -> Path:
    return exported.files[0].path


@pytest.fixture(scope="module")
def app(exported: Export) -> Path:
    return exported.files[1].path


def test_three_files_lie_beside_each_other_and_nothing_else(exported: Export, weights: Path) -> None:
    assert exported.refusal is None
    names = ["model.onnx", "model-app.onnx", "model-app-int8.onnx"]
    assert [file.path.name for file in exported.files] == names
    assert {path.name for path in weights.parent.iterdir()} == {"best.pt", *names}
    assert all(file.size == file.path.stat().st_size and file.latency_ms > 0 for file in exported.files)
    assert exported.files[0].check.startswith("best.pt on 3 scans: boxes within 0.0")
    assert exported.files[1].check == "same boxes as model.onnx on 3 of 3 scans"
    assert exported.files[2].check.startswith("AP50 lost on 3 test scans, points: abnormal +0.00, normal ")
    assert exported.files[2].size < 0.35 * exported.files[1].size


@pytest.mark.parametrize(("number", "opset", "layout"), [(0, 12, "stock"), (1, 13, "app"), (2, 13, "app")])
def test_files_describe_themselves(exported: Export, number: int, opset: int, layout: str) -> None:
    path = exported.files[number].path
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", opset)]
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    card = json.loads(metadata["bonescan_yolo"])
    schema = SHARED_SCHEMA if layout == "stock" else SCHEMA
    assert (card["trained_on"], card["layout"], card["schema"]) == ("noise", layout, schema)
    assert card["class_names"] == ["abnormal", "normal"]
    assert (card["input_height"], card["input_width"]) == (1024, 256)
    assert metadata["license"] == "AGPL-3.0-or-later"
    assert "medical device" in metadata["description"]
    assert not any(str(path.parent.parent) in value for value in metadata.values())


@pytest.mark.usefixtures("traced_anew")
def test_repeated_export_writes_the_same_bytes(exported: Export, weights: Path, dataset: Path, tmp_path: Path) -> None:
    for file in export(weights, tmp_path / "model.onnx", dataset, CARD).files:
        assert file.path.read_bytes() == (weights.parent / file.path.name).read_bytes()
    assert len(list(tmp_path.iterdir())) == len(exported.files)


def test_stock_ultralytics_finds_the_same_boxes(stock: Path, dataset: Path) -> None:
    prepare_ultralytics()
    from ultralytics import YOLO

    scan = dataset.parent / "images" / "val" / "0.png"
    ours = Detector(stock, confidence=0.3)(scan, force=True)[0]  # noise, which is refused otherwise
    theirs = (
        YOLO(str(stock), task="detect")
        .predict(str(scan), imgsz=(1024, 256), conf=0.3, iou=DEFAULT_IOU, verbose=False, save=False)[0]
        .boxes
    )
    assert len(ours.boxes) == len(theirs) > 5
    order_ours = np.lexsort(np.rint(ours.boxes).T)
    order_theirs = np.lexsort(np.rint(theirs.xyxy.numpy()).T)
    np.testing.assert_allclose(ours.boxes[order_ours], theirs.xyxy.numpy()[order_theirs], atol=0.5)
    np.testing.assert_allclose(ours.confidences[order_ours], theirs.conf.numpy()[order_theirs], atol=1e-3)
    np.testing.assert_array_equal(ours.classes[order_ours], theirs.cls.numpy()[order_theirs])


@pytest.mark.parametrize(("height", "width"), [(1024, 256), (2048, 512), (900, 256), (700, 130), (512, 300)])
def test_both_layouts_find_the_same_boxes_on_scans_of_any_size(stock: Path, app: Path, height: int, width: int) -> None:
    scan = a_scan(height, width)  # noise down to the last row, so that none is cut off
    first, second = (Detector(path, confidence=0.3)(scan, force=True)[0] for path in (stock, app))
    assert len(first.boxes) > 5
    if (height, width) == (
        1024,
        256,
    ):  # elsewhere Pillow's rounding differs by a grey level, and random weights show it
        assert len(first.boxes) == len(second.boxes)
        order = [np.lexsort(np.rint(found.boxes).T) for found in (first, second)]
        np.testing.assert_allclose(first.boxes[order[0]], second.boxes[order[1]], atol=0.1)
        np.testing.assert_allclose(first.confidences[order[0]], second.confidences[order[1]], atol=1e-3)
        np.testing.assert_array_equal(first.classes[order[0]], second.classes[order[1]])
    assert second.boxes.min() >= 0
    assert (second.boxes.max(axis=0) <= [width, height, width, height]).all()
    assert first.scan_abnormal_confidence == pytest.approx(second.scan_abnormal_confidence, abs=0.1)


LEVELS = (
    onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL,
    onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL,
)


def run_app(
    path: Path,
    scan: np.ndarray,
    level: onnxruntime.GraphOptimizationLevel = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL,
    **values: np.ndarray,
) -> list[np.ndarray]:
    """Run a self-contained file as another app does, with initializers replaced."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = level
    kept = {name: onnxruntime.OrtValue.ortvalue_from_numpy(value) for name, value in values.items()}
    for name, value in kept.items():
        options.add_initializer(name, value)
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    found: list[np.ndarray] = session.run(None, {"scan": scan})
    return found


def limits(abnormal: float, normal: float) -> np.ndarray:
    return np.array([abnormal, normal], np.float32)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("number", [1, 2], ids=["float32", "int8"])
def test_thresholds_may_be_given_or_left_to_the_file(
    exported: Export, number: int, level: onnxruntime.GraphOptimizationLevel
) -> None:
    path, scan = exported.files[number].path, a_scan(1024, 256)
    own = run_app(path, scan, level)[0]
    np.testing.assert_array_equal(run_app(path, scan, level, confidence=limits(0.25, 0.25))[0], own)
    higher = run_app(path, scan, level, confidence=limits(0.6, 0.6))[0]
    assert 0 < len(higher) < len(own)
    assert higher[:, 4].min() > 0.6
    uneven = run_app(path, scan, level, confidence=limits(0.6, 0.1))[0]
    assert uneven[uneven[:, 5] == 0, 4].min() > 0.6
    assert uneven[uneven[:, 5] == 1, 4].min() < 0.6
    overlapping = run_app(path, scan, level, iou=np.array(0.95, np.float32))[0]
    assert len(overlapping) > len(own)


def test_the_only_input_is_the_scan(exported: Export) -> None:
    for file in exported.files[1:]:
        graph = onnx.load(file.path).graph
        assert [value.name for value in graph.input] == ["scan"]
        assert [value.name for value in graph.output] == ["boxes", "scan_abnormal_confidence"]
        forms = {tensor.name: (tensor.data_type, list(tensor.dims)) for tensor in graph.initializer}
        assert (forms["confidence"], forms["iou"]) == ((onnx.TensorProto.FLOAT, [2]), (onnx.TensorProto.FLOAT, []))
        for node in graph.node:
            if {"confidence", "iou"} & set(node.input):
                assert set(node.input) - set(forms), f"{node.name} has constants alone and may be computed too early"


@pytest.mark.parametrize("rescoring", [Rescoring(), Rescoring(0.5, 0.8)], ids=["plain", "rescored"])
def test_a_file_shows_each_class_above_its_own_threshold_by_itself(
    weights: Path, dataset: Path, tmp_path: Path, rescoring: Rescoring
) -> None:
    """Without thresholds of the caller, as other apps run it; and with those that it gives."""
    card = replace(CARD, context_weight=rescoring.weight, context_lone=rescoring.lone)
    own = thresholds_between(weights, card, a_scan(1024, 256))
    done = export(weights, tmp_path / "two.onnx", dataset, card.with_thresholds(own), kinds=("stock", "app"))
    stock, app = (Detector(file.path) for file in done.files)
    assert json.loads(app.card.to_json())["schema"] == SCHEMA
    assert (stock.thresholds, app.thresholds) == (own, own)
    scan = Scan(a_scan(1024, 256))
    everything = run_app(app.path, scan.pixels, confidence=limits(0.01, 0.01))[0]
    expected = everything[own.above(everything[:, 4], everything[:, 5].astype(np.int64))]
    assert 0 < len(expected) < len(everything)
    assert own.are_equal is False
    np.testing.assert_allclose(run_app(app.path, scan.pixels)[0], expected, atol=1e-3)
    both = run_app(app.path, scan.pixels, confidence=limits(own.abnormal, own.abnormal))[0]
    np.testing.assert_allclose(both, everything[everything[:, 4] > np.float32(own.abnormal)], atol=1e-3)
    for detector in (stock, app):
        reading = detector.read(scan)
        assert (reading.n_abnormal, reading.n_normal) == tuple(
            (expected[:, 5] == class_id).sum() for class_id in (0, 1)
        )


def thresholds_between(weights: Path, card: ModelCard, scan: np.ndarray) -> Thresholds:
    """Return thresholds that half of a network's boxes of each class are above, far from any of them."""
    found = TorchDetector(weights, 0.01, card).read(Scan(scan))
    halves = []
    for class_id in (0, 1):
        of_class = np.sort(found.confidences[found.classes == class_id])
        middle = len(of_class) // 2
        widest = int(np.diff(of_class[middle - 5 : middle + 5]).argmax()) + middle - 5
        halves.append(float(of_class[widest : widest + 2].mean()))
    return Thresholds(*halves)


def test_a_file_that_differs_is_not_kept(
    weights: Path, dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shifted(self: Any, frame: np.ndarray) -> np.ndarray:
        output = original(self, frame).copy()
        output[0] += 1.5
        return output

    original = StockLayout.run
    monkeypatch.setattr(StockLayout, "run", shifted)
    kept = tmp_path / "model.onnx"
    kept.write_bytes(b"the model before")
    with pytest.raises(BonescanError, match=r"not written.* differs .* by 1\.5\d\d px"):
        export(weights, kept, dataset, CARD)
    assert kept.read_bytes() == b"the model before"
    assert list(tmp_path.iterdir()) == [kept]


def test_an_app_file_that_shows_other_boxes_is_not_kept(
    weights: Path, dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bonescan_yolo.export.nodes.fitting_nodes.INPUT_WIDTH", 256)
    monkeypatch.setattr("bonescan_yolo.export.kinds.app.add_crop", lambda graph, grey, level, cell: grey)
    monkeypatch.setattr("bonescan_yolo.export.kinds.app.add_tones", lambda graph, grey, level: grey)
    with pytest.raises(BonescanError, match=r"model-app\.onnx: not written, since it shows other boxes .* 100% of 3"):
        export(weights, tmp_path / "model.onnx", dataset, CARD)
    assert not list(tmp_path.iterdir())


def test_int8_that_loses_too_much_is_refused_with_the_figure_and_the_others_kept(
    calm_weights: Path,
    dataset: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    figures = iter([{"abnormal": 0.7, "normal": 0.6}, {"abnormal": 0.71, "normal": 0.594}] * 2)
    monkeypatch.setattr(file_checks, "_ap50", lambda *_: next(figures))
    options = [str(calm_weights), "--data", str(dataset), "--out", str(tmp_path / "model.onnx")]
    assert command.main(options) == 0
    told = capsys.readouterr()
    assert "model-app-int8.onnx: not written, since it loses more than 0.5 points of AP50" in told.err
    assert "(abnormal -1.00, normal +0.60)" in told.err
    assert len(told.out.splitlines()) == 3
    assert {path.name for path in tmp_path.iterdir()} == {"model.onnx", "model-app.onnx"}
    with pytest.raises(BonescanError, match=r"normal \+0\.60"):
        command.main([*options, "--files", "int8"])


@pytest.mark.parametrize("test_split", ["test: images/val", ""])
def test_int8_without_boxes_to_measure_on_is_refused(
    calm_weights: Path, dataset: Path, tmp_path: Path, test_split: str
) -> None:
    bare = dataset.with_name("bare.yaml")
    bare.write_text(dataset.read_text().replace("test: images/test", test_split))
    done = export(calm_weights, tmp_path / "model.onnx", bare, CARD)
    assert len(done.files) == 2
    assert done.refusal is not None
    assert "has no boxes to measure its loss on" in done.refusal


@pytest.mark.parametrize(
    ("box_px", "score", "close"), [(0.0, 0.0, True), (0.1, 0.001, True), (0.11, 0.0, False), (0.0, 0.002, False)]
)
def test_agreement_is_about_boxes_and_scores(box_px: float, score: float, close: bool) -> None:
    assert Agreement(1, box_px, score).is_within(ROUNDING_TOLERANCE) is close


def test_half_the_file_is_nearly_the_same_network(calm_weights: Path, dataset: Path, tmp_path: Path) -> None:
    full, half, again = (tmp_path / f"{name}.onnx" for name in ("full", "half", "again"))
    for path in (full, half, again):
        done = export(calm_weights, path, dataset, CARD, kinds=("stock", "app"), half=path != full)
        assert len(done.files) == 2
    for kind, path in paths_of(half, ("stock", "app")).items():
        assert path.read_bytes() == paths_of(again)[kind].read_bytes()
        assert path.stat().st_size < 0.52 * paths_of(full)[kind].stat().st_size
        described = [
            {entry.key: entry.value for entry in onnx.load(file).metadata_props}
            for file in (path, paths_of(full)[kind])
        ]
        assert described[0] == described[1]


def test_weights_that_bear_no_rounding_are_refused(weights: Path, dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(BonescanError, match="not written"):
        export(weights, tmp_path / "half.onnx", dataset, CARD, half=True)
    assert not list(tmp_path.iterdir())


def test_command_writes_what_it_is_told_and_the_threshold(calm_weights: Path, dataset: Path, tmp_path: Path) -> None:
    options = [
        "--data",
        str(dataset),
        "--out",
        str(tmp_path / "half.onnx"),
        "--conf",
        "0.35",
        "--rescoring",
        "0.5",
        "0.2",
        "--half",
        "--files",
        "app",
    ]
    assert command.main([str(calm_weights), *options]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["half-app.onnx"]
    detector = Detector(tmp_path / "half-app.onnx")
    assert (detector.confidence, detector.card.trained_on) == (0.35, "unknown")
    assert detector.card.rescoring == Rescoring(0.5, 0.2)


def test_two_exports_to_one_name_do_not_mix(weights: Path, dataset: Path, tmp_path: Path) -> None:
    with (
        hidden_folder_beside(tmp_path / "model.onnx"),
        pytest.raises(BonescanError, match="another process is writing there"),
    ):
        export(weights, tmp_path / "model.onnx", dataset, CARD)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_refused_before_the_weights_are_read(dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BonescanError, match=r"file: cannot be written"):
        export(tmp_path / "missing.pt", tmp_path / "file" / "model.onnx", dataset, CARD)


def test_command_writes_a_threshold_for_each_class(calm_weights: Path, dataset: Path, tmp_path: Path) -> None:
    options = ["--data", str(dataset), "--out", str(tmp_path / "two.onnx"), "--conf", "abnormal=0.4,normal=0.3"]
    assert command.main([str(calm_weights), *options, "--files", "stock", "app"]) == 0
    for path in tmp_path.iterdir():
        assert Detector(path).card.thresholds == Thresholds(abnormal=0.4, normal=0.3)
    with pytest.raises(BonescanError, match=r"--conf 0\.4,0\.3: is not a threshold"):
        command.main([str(calm_weights), "--conf", "0.4,0.3"])


@pytest.mark.parametrize("value", [-0.1, 1.5, float("nan")])
def test_a_threshold_is_a_fraction(weights: Path, dataset: Path, tmp_path: Path, value: float) -> None:
    with pytest.raises(BonescanError, match=r"confidence .*: is outside 0 to 1; give a fraction such as 0\.25"):
        export(weights, tmp_path / "model.onnx", dataset, replace(CARD, confidence=value))
    with pytest.raises(BonescanError, match=r"confidence .*: is outside 0 to 1; give a fraction such as 0\.25"):
        export(weights, tmp_path / "model.onnx", dataset, CARD.with_thresholds(Thresholds(0.5, value)))


@pytest.mark.parametrize(("weight", "lone"), [("-1", "0.2"), ("0.5", "0"), ("nan", "1"), ("0.5", "inf")])
def test_a_rescoring_is_out_of_range(weights: Path, dataset: Path, weight: str, lone: str) -> None:
    with pytest.raises(BonescanError, match=r"--rescoring .*: out of range; give a WEIGHT of 0 or more"):
        command.main([str(weights), "--data", str(dataset), "--rescoring", weight, lone])


def test_the_shipped_model_is_not_written_by_default() -> None:
    assert Path("weights") / MODEL_NAME not in paths_of(command.DEFAULT_OUT).values()


def test_coloured_or_foreign_weights_are_refused(dataset: Path, tmp_path: Path) -> None:
    coloured = save_weights(tmp_path / "colour.pt", channels=3)
    with pytest.raises(BonescanError, match="3 channels"):
        export(coloured, tmp_path / "model.onnx", dataset, CARD)
    foreign = save_weights(tmp_path / "foreign.pt", names=("cat", "dog", "cow"))
    with pytest.raises(BonescanError, match="classes \\['cat', 'dog', 'cow'\\]"):
        export(foreign, tmp_path / "model.onnx", dataset, CARD)
    broken = tmp_path / "broken.pt"
    broken.write_bytes(b"not weights")
    with pytest.raises(BonescanError, match=r"is not a YOLO \.pt file"):
        export(broken, tmp_path / "model.onnx", dataset, CARD)
    assert not list(tmp_path.glob("*.onnx"))


def test_command_asks_for_the_data_of_weights_without_a_record(weights: Path) -> None:
    with pytest.raises(BonescanError, match=r"has no run\.json that names its data set; give --data"):
        command.main([str(weights)])
    with pytest.raises(BonescanError, match="does not exist; train first"):
        command.main(["nowhere.pt"])


def test_scans_of_files_are_read_too(app: Path, tmp_path: Path) -> None:
    Image.fromarray(a_scan(1024, 256)).save(tmp_path / "1.png")
    assert len(Detector(app)(tmp_path / "1.png", force=True)[0].boxes) > 0
