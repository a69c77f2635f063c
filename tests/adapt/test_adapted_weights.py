"""The adapted .pt file: every reader of this package takes it, it says what it is, and names no folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bonescan_yolo.adapt.adapted_weights import save_adapted
from bonescan_yolo.adapt.adapting import adapt_network
from bonescan_yolo.adapt.recipe import AdaptRecipe
from bonescan_yolo.adapt.training_scan import TrainingScan
from bonescan_yolo.evaluate.read_split import open_model
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.weights_file import load_weights
from tests.adapt.test_adapting import START

CARD = ModelCard(trained_on="simulated scans, adapted on 4 scans of 2 patients", confidence=0.4, context_weight=0.3)


@pytest.fixture(scope="module")
def adapted(tmp_path_factory: pytest.TempPathFactory, simulated: list[TrainingScan], tiny: AdaptRecipe) -> Path:
    """An adapted network as a file, written twice."""
    folder = tmp_path_factory.mktemp("adapted")
    network = adapt_network(START, simulated[:4], [], tiny, seed=1)
    for name in ("first", "second"):
        save_adapted(network, folder / name / "best.pt", CARD)
    return folder


def test_the_same_network_gives_the_same_bytes(adapted: Path) -> None:
    assert (adapted / "first" / "best.pt").read_bytes() == (adapted / "second" / "best.pt").read_bytes()


def test_the_file_passes_the_check_of_foreign_files_and_has_its_card(adapted: Path) -> None:
    detector = open_model(adapted / "first" / "best.pt")
    assert detector.card == CARD
    grey = np.zeros((1024, 256), np.uint8)
    grey[100:900, 100:156] = 23
    grey[300:310, 120:130] = 250
    assert len(detector(grey)[0].boxes)


def test_ultralytics_itself_reads_with_the_file(adapted: Path) -> None:
    from ultralytics import YOLO

    results = YOLO(adapted / "first" / "best.pt")(np.zeros((1024, 256, 1), np.uint8), imgsz=(1024, 256), verbose=False)
    assert results[0].names == {0: "abnormal", 1: "normal"}


def test_no_path_of_this_machine_is_in_the_file(adapted: Path) -> None:
    network, checkpoint = load_weights(adapted / "first" / "best.pt")
    assert "optimizer" not in checkpoint
    content = (adapted / "first" / "best.pt").read_bytes()
    assert b"/work" not in content
    assert str(adapted).encode() not in content
    assert network.names == {0: "abnormal", 1: "normal"}
