"""What a run starts from, and what is said when that cannot be had."""

from __future__ import annotations

from pathlib import Path

import pytest
from ultralytics.utils import downloads

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.train.network_choice import describe_network
from bonescan_yolo.train.start_weights import FINISHED_EPOCH, count_fitting_layers, read_epoch, resolve_weights

WEIGHTS = Path(__file__).parents[2] / "weights" / "bonescan.pt"


@pytest.fixture(autouse=True)
def _in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_scratch_is_no_file() -> None:
    assert resolve_weights("scratch") is None


def test_a_file_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "mine.pt"
    path.write_bytes(b"weights")
    assert resolve_weights(str(path)) == path


def test_a_published_name_is_downloaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def download(path: Path) -> str:
        calls.append(path)
        path.write_bytes(b"weights")
        return str(path)

    monkeypatch.setattr(downloads, "attempt_download_asset", download)
    for _ in range(2):
        assert resolve_weights("yolov8n.pt") == Path("weights/yolov8n.pt")
    assert len(calls) == 1


def test_unreachable_weights_name_the_ways_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path) -> str:
        path.write_bytes(b"half")
        raise ConnectionError("no route")

    monkeypatch.setattr(downloads, "attempt_download_asset", fail)
    with pytest.raises(BonescanError, match="cannot be downloaded; put the file into weights/ by hand") as caught:
        resolve_weights("yolov8n.pt")
    assert "\n" not in str(caught.value)
    assert not Path("weights").exists()


def test_a_missing_path_is_told() -> None:
    with pytest.raises(BonescanError, match=r"nowhere\.pt: does not exist"):
        resolve_weights("nowhere.pt")


@pytest.mark.parametrize(
    ("model", "expected"),
    [("yolov8n", "63 of 63 layers"), ("yolov8n-p2", "35 of 78 layers"), ("yolov8s", "6 of 63 layers")],
)
def test_the_number_of_layers_that_fit_is_said(model: str, expected: str) -> None:
    assert count_fitting_layers(WEIGHTS, model, describe_network(model, None)) == expected


def test_weights_that_fit_nothing_are_refused() -> None:
    with pytest.raises(BonescanError, match=r"bonescan\.pt: fits none of the 103 layers of yolov8x; give weights of"):
        count_fitting_layers(WEIGHTS, "yolov8x", describe_network("yolov8x", None))


def test_a_checkpoint_of_another_network_is_not_resumed() -> None:
    assert read_epoch(WEIGHTS, "yolov8n", describe_network("yolov8n", None)) == FINISHED_EPOCH
    with pytest.raises(BonescanError, match=r"bonescan\.pt: is not a checkpoint of yolov8s; start a new run"):
        read_epoch(WEIGHTS, "yolov8s", describe_network("yolov8s", None))
