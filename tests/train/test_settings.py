"""Training configurations: the shipped file, profiles, and mistakes reported in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bonescan_yolo.errors import BonescanError
from bonescan_yolo.train.settings import AugmentationConfig, TrainConfig, read_train_config

SHIPPED = Path(__file__).parents[2] / "configs" / "train.yaml"


def write(folder: Path, text: str) -> Path:
    path = folder / "train.yaml"
    path.write_text(text)
    return path


def test_the_shipped_file_alone_holds_the_defaults() -> None:
    values = yaml.safe_load(SHIPPED.read_text())
    values.pop("profiles")
    assert set(values) == set(TrainConfig.model_fields)
    assert set(values["augmentation"]) == set(AugmentationConfig.model_fields)
    assert not [name for name, field in TrainConfig.model_fields.items() if not field.is_required()]
    assert not [name for name, field in AugmentationConfig.model_fields.items() if not field.is_required()]


@pytest.mark.parametrize("profile", ["demo", "full", "weights"])
def test_shipped_profiles_are_valid(profile: str) -> None:
    assert read_train_config(SHIPPED, profile, {}) != read_train_config(SHIPPED, None, {})


def test_a_key_left_out_has_the_shipped_value(tmp_path: Path) -> None:
    assert read_train_config(write(tmp_path, ""), None, {}) == read_train_config(SHIPPED, None, {})


def test_command_line_stands_above_profile_above_file(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "epochs: 1\nbatch: 2\nseed: 3\naugmentation: {flip: 0.1, blur: 0.2}\n"
        "profiles: {quick: {batch: 20, seed: 30, augmentation: {blur: 0.9}}}\n",
    )
    config = read_train_config(path, "quick", {"seed": 300})
    assert (config.epochs, config.batch, config.seed) == (1, 20, 300)
    assert (config.augmentation.flip, config.augmentation.blur) == (0.1, 0.9)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("epoch: 3", "unknown key `epoch`; did you mean `epochs`?"),
        ("augmentation: {fliplr: 0.5}", "unknown key `augmentation.fliplr`; did you mean `flip`?"),
        ("batch: 0", "`batch` is 0"),
        ("optimizer: Adam", "`optimizer` is 'Adam'"),
        ("model: yolo11n", "`model` is 'yolo11n'"),
        ("device: gpu", "`device` is 'gpu'"),
        ("augmentation: {window: 0.5}", "`augmentation.window` is 0.5"),
        ("augmentation: {gamma: 0.9}", "`augmentation.gamma` is 0.9"),
        ("augmentation: {crop: [640, 200]}", "`augmentation.crop.1` is 200"),
        ("augmentation: {crop: [32, 192]}", "`augmentation.crop.0` is 32"),
        ("profiles: [demo]", "`profiles` must map each name to a set of keys"),
        ("- epochs", "has no `key: value` pairs"),
        ("epochs: [", "is not valid YAML"),
    ],
)
def test_mistakes_are_reported_in_one_line(tmp_path: Path, text: str, expected: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(BonescanError) as caught:
        read_train_config(path, None, {})
    message = str(caught.value)
    assert message.startswith(str(path))
    assert expected in message
    assert "\n" not in message


def test_whole_scans_can_be_trained_on(tmp_path: Path) -> None:
    path = write(tmp_path, "augmentation: {crop: null}")
    assert read_train_config(path, None, {}).augmentation.crop is None


def test_unknown_profile_names_the_nearest() -> None:
    with pytest.raises(BonescanError, match="did you mean `demo`"):
        read_train_config(SHIPPED, "demos", {})
