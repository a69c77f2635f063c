"""Changed .pt files: refused in one line, or weights that are no less safe than before."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from bonescan_yolo.errors import ModelError
from bonescan_yolo.model.weights_file import require_weights
from tests.fuzz.weights_files import mutate

SHIPPED = Path(__file__).parents[2] / "weights" / "bonescan.pt"
SEEDS = 10


def test_the_same_seed_gives_the_same_file() -> None:
    data = SHIPPED.read_bytes()
    assert mutate(data, Random(1)) == mutate(data, Random(1)) != mutate(data, Random(2))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_changed_file_is_refused_in_one_line(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "x.pt"
    path.write_bytes(mutate(SHIPPED.read_bytes(), Random(seed)))
    refusal = ""
    try:
        require_weights(path)
    except ModelError as error:
        refusal = str(error)
    assert "\n" not in refusal
