"""Changed YAML files: settings, or one line that says what is wrong."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.phantom.parameters import read_parameters
from bonescan_yolo.resources import shipped_config
from bonescan_yolo.train.settings import read_train_config
from tests.fuzz.yaml_files import mutate

SEEDS = 30
PHANTOM = b"camera: {pixel_mm: [2.2, 2.4]}\ndisease:\n  healthy_share: 0.5\n  gain: [1, 2]\n"


def test_the_same_seed_gives_the_same_file() -> None:
    assert mutate(PHANTOM, Random(1)) == mutate(PHANTOM, Random(1)) != mutate(PHANTOM, Random(3))


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("kind", ["train", "phantom"])
def test_a_changed_file_is_read_or_refused_in_one_line(tmp_path: Path, kind: str, seed: int) -> None:
    path = tmp_path / "x.yaml"
    data = shipped_config("train.yaml").read_bytes() if kind == "train" else PHANTOM
    path.write_bytes(mutate(data, Random(seed)))
    refusal = ""
    try:
        if kind == "train":
            read_train_config(path, "demo", {})
        else:
            read_parameters(path)
    except BonescanError as error:
        refusal = str(error)
    assert "\n" not in refusal
    assert len(refusal) < len(str(path)) + 400
