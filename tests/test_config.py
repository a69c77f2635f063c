"""Configuration files: read, or refused with one line that helps."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field, ValidationError

from bonescan_yolo.config import Config, read_config, read_yaml
from bonescan_yolo.errors import BonescanError


class Noise(Config):
    poisson: float = Field(default=1.0, ge=0)


class Recipe(Config):
    epochs: int = Field(default=10, gt=0)
    device: Literal["auto", "cpu"] = "auto"
    noise: Noise = Noise()


def write(folder: Path, text: str) -> Path:
    path = folder / "recipe.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_reads_nested_values_and_defaults(tmp_path: Path) -> None:
    recipe = read_config(write(tmp_path, "epochs: 3\nnoise:\n  poisson: 0.5\n"), Recipe)
    assert recipe == Recipe(epochs=3, device="auto", noise=Noise(poisson=0.5))


def test_empty_file_gives_the_defaults(tmp_path: Path) -> None:
    assert read_config(write(tmp_path, "# nothing\n"), Recipe) == Recipe()


def test_is_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Recipe().epochs = 4  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epoch: 3", "unknown key `epoch`; did you mean `epochs`?"),
        ("noise: {poison: 1}", "unknown key `noise.poison`; did you mean `poisson`?"),
        ("zzz: 1", "unknown key `zzz`; known keys: device, epochs, noise"),
        ("epochs: many", "`epochs` is 'many': input should be a valid integer"),
        ("epochs: 0", "`epochs` is 0: input should be greater than 0"),
        ("device: gpu", "`device` is 'gpu': input should be 'auto' or 'cpu'"),
        ("noise: 3", "`noise` is 3: "),
        ("- 1\n- 2", "has no `key: value` pairs"),
        ("epochs: [", "is not valid YAML"),
        ("epochs: !!python/object/apply:os.getcwd []", "is not valid YAML"),
    ],
)
def test_mistakes_are_named_on_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(BonescanError) as error:
        read_config(path, Recipe)
    assert str(error.value).startswith(f"{path}: {message}")
    assert "\n" not in str(error.value)


def test_missing_and_binary_files(tmp_path: Path) -> None:
    with pytest.raises(BonescanError, match=r"none\.yaml: cannot be read"):
        read_yaml(tmp_path / "none.yaml")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(BonescanError, match=r"binary\.yaml: is not valid YAML"):
        read_yaml(tmp_path / "binary.yaml")
