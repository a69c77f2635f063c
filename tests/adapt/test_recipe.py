"""The recipe: shipped values, a user's file over them, and mistakes in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from bonescan_yolo.adapt.recipe import read_recipe
from bonescan_yolo.errors import SettingsError


def test_keys_of_a_file_and_of_the_command_line_override_the_shipped_ones(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("steps: 7\nbatch: 3\naugmentation: {flip: 0.0}\n", encoding="utf-8")
    recipe = read_recipe(own, {"batch": 5})
    shipped = read_recipe(None, {})
    assert (recipe.steps, recipe.batch, recipe.augmentation.flip) == (7, 5, 0.0)
    assert recipe.augmentation.shift == shipped.augmentation.shift
    assert recipe.learning_rate == shipped.learning_rate


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"step": 7}, "did you mean `steps`"),
        ({"real_share": 0}, "`real_share` is 0"),
        ({"curve": [0.5, 1.0]}, "curve"),
        ({"frozen": 23}, "`frozen` is 23"),
    ],
)
def test_a_wrong_key_or_value_is_named(changes: dict[str, object], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        read_recipe(None, changes)


@pytest.mark.parametrize(("average", "steps"), [(0.0, 1), (0.25, 25), (1.0, 100)])
def test_weights_are_averaged_over_a_part_of_the_steps(average: float, steps: int) -> None:
    assert read_recipe(None, {"steps": 100, "average": average}).averaged_steps == steps
