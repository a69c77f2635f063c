"""The evaluation command, on scans whose boxes the network finds exactly."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from numpy.typing import NDArray

from bonescan_yolo.commands import evaluate
from bonescan_yolo.dataset.dataset_yaml import read_dataset
from bonescan_yolo.evaluate.report.metrics_json import load_schema
from bonescan_yolo.files import sha256_of
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.detector import Detector
from tests.conftest import Outcome, RunCommand
from tests.factories import card_metadata, grey_scan, make_dataset, make_model, save


@pytest.fixture
def yaml(tmp_path: Path) -> Path:
    """Return a data set with a nearly empty scan in each split, of another patient, so that the splits differ."""
    path = make_dataset(tmp_path / "set")
    for split, stem in (("train", "7_anterior"), ("val", "8_anterior"), ("test", "9_anterior")):
        save(tmp_path / "set" / "images" / split / f"{stem}.png", nearly_empty_scan())
        (tmp_path / "set" / "labels" / split / f"{stem}.txt").touch()
    return path


def nearly_empty_scan() -> NDArray[np.uint8]:
    """Return a scan without a body; a blank one is refused."""
    scan: NDArray[np.uint8] = 0 * grey_scan()
    scan[0, 0] = 1
    return scan


def measured(out: Path) -> dict[str, Any]:
    """Return metrics.json, which must follow its schema."""
    content = json.loads((out / "metrics.json").read_text())
    jsonschema.validate(content, load_schema())
    return content


def values(content: dict[str, Any], model: int = 0) -> dict[str, float | None]:
    return {key: figure["value"] for key, figure in content["models"][model]["figures"].items()}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("out", ["taken", "taken/below", "taken/below/further"])
def test_a_folder_that_cannot_be_written_is_found_before_the_scans_are_read(
    run_command: RunCommand, tmp_path: Path, yaml: Path, out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate, "evaluate", lambda _: pytest.fail("the scans were read"))
    (tmp_path / "taken").write_text("mine")
    outcome = run_command(evaluate.main, "--data", yaml, "--out", tmp_path / out)
    assert outcome.code == 2
    assert f"{tmp_path / out}: cannot be written (not a directory: taken); choose another" in outcome.err
    assert outcome.err.count("\n") == 1
    assert (tmp_path / "taken").read_text() == "mine"


def test_a_perfect_model(run_command: RunCommand, tmp_path: Path, yaml: Path, model_path: Path) -> None:
    outcome = run_command(evaluate.main, "--data", yaml, "--model", model_path, "--out", tmp_path / "out")
    assert outcome.code == 0, outcome.err
    content = measured(tmp_path / "out")
    assert content["data"] == {
        "path": str(yaml),
        "source": "set",
        "sha256": read_dataset(yaml).sha256(),
        "split": "test",
        "scans": 2,
        "patients": 2,
        "views": {"anterior": 1, "posterior": 1},
        "true_boxes": {"abnormal": 2, "normal": 1},
    }
    (model,) = content["models"]
    assert (model["name"], model["sha256"], model["trained_on"]) == (
        model_path.name,
        sha256_of(model_path),
        "squares",
    )
    assert model["threshold"] == 0.25
    assert model["thresholds"] == {"abnormal": 0.25, "normal": 0.25}
    assert model["chosen"]["threshold"] == pytest.approx((150 + 30) / 2 / 255, abs=0.001)
    best = {"abnormal": (200 + 30) / 2 / 255, "normal": (150 + 30) / 2 / 255}  # midway to a cell of the body
    assert model["chosen"]["thresholds"] == pytest.approx(best, abs=0.001)
    assert model["chosen"]["operating_points"]["patient"]["threshold"] == pytest.approx(250 / 255 / 2, abs=0.001)
    assert content["difference"] is None
    figures = values(content)
    for key in (
        "detection/ap50/abnormal/all",
        "detection/ap50_95/normal/posterior",
        "froc/mean_sensitivity/abnormal",
        "hits/f1/normal",
        "scan/auc",
        "patient/sensitivity",
        "patient/specificity",
        "number/concordance/abnormal",
    ):
        assert figures[key] == pytest.approx(1), key
    assert figures["number/bias/normal"] == 0
    assert model["ultralytics"]["abnormal"]["ap50"] == pytest.approx(0.995, abs=0.01)
    nothing = model["figures"]["detection/ap50/abnormal/anterior"]
    assert nothing == {"value": None, "low": None, "high": None, "missing": "no abnormal box in the truth (anterior)"}


def test_what_is_printed_and_written(run_command: RunCommand, tmp_path: Path, yaml: Path, model_path: Path) -> None:
    out = tmp_path / "out"
    outcome = run_command(evaluate.main, "--data", yaml, "--model", model_path, "--out", out)
    lines = outcome.out.splitlines()
    assert len(lines) <= 20
    assert lines[0].split("  ")[0] == "AP50, abnormal"
    assert lines[0].endswith("1.000 (1.000 to 1.000)")
    assert f"2 scans of 2 patients, split test of {yaml}; in brackets 95 % intervals over patients" in lines
    assert lines[-1].startswith(str(out / "report.html"))
    assert sorted(path.name for path in out.iterdir()) == ["boxes.csv", "metrics.json", "report.html", "scans.csv"]
    boxes = rows(out / "boxes.csv")
    assert [(row["box"], row["outcome"], row["class"]) for row in boxes[:3]] == [
        ("true", "hit", "abnormal"),
        ("true", "hit", "abnormal"),
        ("true", "hit", "normal"),
    ]
    assert {row["image"] for row in boxes} == {"3_posterior.png"}
    scans = {row["patient"]: row for row in rows(out / "scans.csv")}
    assert (scans["3"]["true_abnormal"], scans["3"]["shown_abnormal"], scans["3"]["errors"]) == ("2", "2", "0")
    assert scans["9"]["true_abnormal"] == "0"


def test_two_models_side_by_side(run_command: RunCommand, tmp_path: Path, yaml: Path, model_path: Path) -> None:
    """The second shows no box, because its own threshold is a confidence of 1; otherwise both measure the same."""
    shy = tmp_path / "shy.onnx"
    card = Detector(model_path).card
    shy.write_bytes(make_model(card_metadata(type(card)(trained_on="squares", confidence=1.0))))
    arguments = ("--data", yaml, "--model", model_path, "--model", shy, "--out", tmp_path / "out")
    outcome = run_command(evaluate.main, *arguments)
    assert outcome.code == 0, outcome.err
    content = measured(tmp_path / "out")
    difference = content["difference"]
    assert (difference["less"], difference["of"]) == (model_path.name, "shy.onnx")
    recall = difference["figures"]["hits/recall/abnormal"]
    assert (recall["value"], recall["low"], recall["high"]) == (-1, -1, -1)
    same = difference["figures"]["detection/ap50/abnormal/all"]
    assert (same["value"], same["low"], same["high"]) == (0, 0, 0)
    none = difference["figures"]["hits/precision/abnormal"]
    assert (none["value"], none["missing"]) == (None, "no abnormal box is shown")
    assert "shy.onnx" in outcome.out.splitlines()[0]
    assert "difference" in outcome.out.splitlines()[0]


def test_a_missed_scan_lowers_the_result(run_command: RunCommand, tmp_path: Path, model_path: Path) -> None:
    """Of two scans of equal boxes one is empty: half of the boxes can be found, at full precision."""
    yaml = make_dataset(tmp_path / "set")
    save(tmp_path / "set" / "images" / "train" / "1_posterior.png", nearly_empty_scan())
    arguments = ("--data", yaml, "--model", model_path, "--out", tmp_path / "out", "--split", "train")
    assert run_command(evaluate.main, *arguments).code == 0
    content = measured(tmp_path / "out")
    figures = values(content)
    assert figures["detection/ap50/abnormal/anterior"] == pytest.approx(1)
    assert figures["detection/ap50/abnormal/posterior"] == 0
    assert figures["detection/ap50/normal/all"] == pytest.approx(51 / 101)
    assert content["models"][0]["hits"]["normal"]["misses"] == 1
    assert rows(tmp_path / "out" / "scans.csv")[0]["image"] == "1_posterior.png"  # the worst comes first


def test_all_splits_together(run_command: RunCommand, tmp_path: Path, yaml: Path, model_path: Path) -> None:
    """Seven scans of six patients; thresholds are still chosen on val."""
    arguments = ("--data", yaml, "--model", model_path, "--out", tmp_path / "out", "--split", "all")
    outcome = run_command(evaluate.main, *arguments)
    assert outcome.code == 0, outcome.err
    content = measured(tmp_path / "out")
    data = content["data"]
    assert (data["split"], data["scans"], data["patients"]) == ("all", 7, 6)
    assert data["true_boxes"] == {"abnormal": 8, "normal": 4}
    assert content["models"][0]["chosen"]["split"] == "val"
    assert values(content)["hits/f1/abnormal"] == pytest.approx(1)
    assert f"7 scans of 6 patients, split all of {yaml}" in outcome.out
    report = (tmp_path / "out" / "report.html").read_text()
    assert "Evaluated on all splits of set" in report
    assert "on scans that it was chosen on" in report


def test_one_scan_and_nothing_to_tell_apart(run_command: RunCommand, tmp_path: Path, model_path: Path) -> None:
    """One scan of one patient, in val and in test, and that with disease: no interval, no ROC, no operating point."""
    yaml = make_dataset(tmp_path / "set")
    outcome = run_command(evaluate.main, "--data", yaml, "--model", model_path, "--out", tmp_path / "out")
    assert outcome.code == 0, outcome.err
    figures = measured(tmp_path / "out")["models"][0]["figures"]
    found = figures["detection/ap50/abnormal/all"]
    assert (found["low"], found["missing"]) == (None, "one patient alone gives no interval")
    assert figures["scan/auc"]["missing"] == "no scan without an abnormal box in the truth"
    assert figures["patient/sensitivity"]["missing"].startswith("no operating point")
    assert ">nan<" not in (tmp_path / "out" / "report.html").read_text()
    assert "one patient alone gives no interval" in outcome.out


def test_a_scan_without_any_box(run_command: RunCommand, tmp_path: Path, yaml: Path, model_path: Path) -> None:
    (tmp_path / "set" / "images" / "test" / "3_posterior.png").unlink()
    arguments = ("--data", yaml, "--model", model_path, "--out", tmp_path / "out")
    assert run_command(evaluate.main, *arguments).code == 0
    figures = measured(tmp_path / "out")["models"][0]["figures"]
    for key in ("detection/ap50/abnormal/all", "froc/mean_sensitivity/normal", "hits/recall/abnormal"):
        assert figures[key]["value"] is None
        assert "box in the truth" in figures[key]["missing"]
    assert figures["hits/false_per_scan/abnormal"]["value"] == 0
    assert "no abnormal box in the truth" in (tmp_path / "out" / "report.html").read_text()


def test_a_chosen_threshold(run_command: RunCommand, tmp_path: Path, yaml: Path, model_path: Path) -> None:
    """Above 0.7 (of 255: 179) stand the spots of 250 and 200, not the normal one of 150."""
    arguments = ("--data", yaml, "--model", model_path, "--out", tmp_path / "out", "--conf", "0.7")
    assert run_command(evaluate.main, *arguments).code == 0
    (model,) = measured(tmp_path / "out")["models"]
    assert model["threshold"] == 0.7
    assert model["hits"]["abnormal"]["true_positives"] == 2
    assert (model["hits"]["normal"]["misses"], model["hits"]["normal"]["precision"]) == (1, None)


@pytest.mark.parametrize("way", ["option", "card"])
def test_a_threshold_for_each_class(run_command: RunCommand, tmp_path: Path, yaml: Path, way: str) -> None:
    """Of the spots of 250 and 200, abnormal, and 150, normal, one of each class is shown."""
    own = (0.9, 0.5) if way == "card" else (0.25, None)
    model = tmp_path / "two.onnx"
    model.write_bytes(make_model(card_metadata(ModelCard("squares", confidence=own[0], normal_confidence=own[1]))))
    options = () if way == "card" else ("--conf", "abnormal=0.9,normal=0.5")
    outcome = run_command(evaluate.main, "--data", yaml, "--model", model, "--out", tmp_path / "out", *options)
    assert outcome.code == 0, outcome.err
    (told,) = measured(tmp_path / "out")["models"]
    assert (told["threshold"], told["thresholds"]) == (None, {"abnormal": 0.9, "normal": 0.5})
    hits = {name: (each["true_positives"], each["misses"]) for name, each in told["hits"].items()}
    assert hits == {"abnormal": (1, 1), "normal": (1, 0)}
    assert told["figures"]["hits/recall/abnormal"]["value"] == 0.5
    assert told["figures"]["hits/recall/normal"]["value"] == 1
    assert "shown above confidence 0.9 (abnormal), 0.5 (normal)." in (tmp_path / "out" / "report.html").read_text()
    scans = {row["patient"]: row for row in rows(tmp_path / "out" / "scans.csv")}
    assert (scans["3"]["shown_abnormal"], scans["3"]["shown_normal"], scans["3"]["missed"]) == ("1", "1", "1")


def test_a_stored_temperature(run_command: RunCommand, tmp_path: Path, yaml: Path, model_path: Path) -> None:
    """On val a cell of the body is a false box of 30/255, all others are right: there is a temperature."""
    model = tmp_path / "mine.onnx"
    model.write_bytes(model_path.read_bytes())
    arguments = ("--data", yaml, "--model", model, "--out", tmp_path / "out")
    assert run_command(evaluate.main, *arguments).code == 0
    assert Detector(model).card.temperature is None
    outcome = run_command(evaluate.main, *arguments, "--store-temperature")
    assert outcome.code == 0, outcome.err
    fitted = measured(tmp_path / "out")["models"][0]["chosen"]["temperature"]["value"]
    assert Detector(model).card.temperature == fitted
    assert f"{model}  now has temperature {fitted:.3f}" in outcome.out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--conf", "0"), "confidence 0.0: is outside 0.001 to 1"),
        (("--conf", "nan"), "confidence nan: is outside 0.001 to 1"),
        (("--conf", "abnormal=0.5,normal=0"), "confidence 0.0: is outside 0.001 to 1"),
        (("--conf", "abnormal=0.5"), "--conf abnormal=0.5: is not a threshold"),
        (("--match", "iou:2"), "--match iou:2: is not a rule"),
        (("--draws", "0"), "--draws must be at least 1 and --seed at least 0"),
        (("--model", "weights/a.onnx") * 3, "--model: was given 3 times"),
        (("--model", "missing.pt"), "missing.pt: does not exist"),
    ],
)
def test_wrong_options(
    run_command: RunCommand, tmp_path: Path, yaml: Path, options: tuple[str, ...], message: str
) -> None:
    _is_refused(run_command(evaluate.main, "--data", yaml, *options, "--out", tmp_path / "out"), message)
    assert not (tmp_path / "out").exists()


def test_a_model_with_itself(run_command: RunCommand, tmp_path: Path, yaml: Path, model_path: Path) -> None:
    arguments = ("--data", yaml, "--model", model_path, "--model", model_path, "--out", tmp_path / "out")
    _is_refused(run_command(evaluate.main, *arguments), "was given twice; give another model to compare it with")


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda folder: (folder / "dataset.yaml").unlink(), "dataset.yaml: cannot be read"),
        (lambda folder: (folder / "labels/test/3_posterior.txt").unlink(), "3_posterior.txt: cannot be read"),
        (lambda folder: (folder / "images/test/3_posterior.png").unlink(), "split `test` has no scans"),
        (lambda folder: (folder / "images/test/3_posterior.png").write_bytes(b""), "3_posterior.png: is empty"),
    ],
)
def test_mistakes(run_command: RunCommand, tmp_path: Path, model_path: Path, break_it, message: str) -> None:  # type: ignore[no-untyped-def]
    yaml = make_dataset(tmp_path / "set")
    break_it(tmp_path / "set")
    _is_refused(run_command(evaluate.main, "--data", yaml, "--model", model_path, "--out", tmp_path / "out"), message)
    assert not (tmp_path / "out").exists()


def _is_refused(outcome: Outcome, message: str) -> None:
    assert outcome.code == 2
    assert outcome.err.startswith("error: ")
    assert message in outcome.err
    assert outcome.err.count("\n") == 1
