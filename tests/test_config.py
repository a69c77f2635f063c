"""Configuration files: read, or refused with one line that helps."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field, ValidationError

from bonescan_yolo.config import Config, read_config, read_yaml
from bonescan_yolo.errors import BonescanError

LAUGHS = "a0: &a0 [x, x]\n" + "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10))


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
        ("epochs: 2020-99-99", "is not valid YAML (month must be in 1..12)"),
        ("epochs: !!int abc", "is not valid YAML (invalid literal for int()"),
        ("epochs: !!bool abc", "is not valid YAML"),
        ("epochs: !!timestamp abc", "is not valid YAML"),
        ("epochs: " + "9" * 5000, "is not valid YAML (the number 9999"),
        ("epochs: 0x" + "f" * 5000, "is not valid YAML (the number 0xff"),
        ("? 0x" + "f" * 5000 + "\n: 1", "is not valid YAML (the number 0xff"),
        ("? [1, 2]\n: 1", "is not valid YAML"),
        ("epochs: " + "[" * 5000 + "]" * 5000, "is nested too deep"),
        ("epochs: " + "{a: " * 5000 + "1" + "}" * 5000, "is nested too deep"),
        ("epochs: " + "[" * 60 + "]" * 60, "is not valid YAML (nested more than 50 levels deep)"),
        (LAUGHS, "is not valid YAML (its aliases stand for more than 50000 values)"),
        ("epochs: &a [*a]", "is not valid YAML (an alias repeats what holds it)"),
        ("epochs: &a {b: *a}", "is not valid YAML (an alias repeats what holds it)"),
        ("epochs: [" + "x, " * 2000 + "x]", "`epochs` is ['x', 'x'"),
        ("noise: {poisson: .nan}", "`noise.poisson` is nan: input should be a finite number"),
        ("noise: {poisson: .inf}", "`noise.poisson` is inf: input should be a finite number"),
        ("? " + "x" * 5000 + "\n: 1", "unknown key `xxxx"),
    ],
)
def test_mistakes_are_named_on_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(BonescanError) as error:
        read_config(path, Recipe)
    assert str(error.value).startswith(f"{path}: {message}")
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < len(str(path)) + 300


def test_an_alias_is_as_good_as_what_it_repeats(tmp_path: Path) -> None:
    assert read_yaml(write(tmp_path, "a: &a {b: 1}\nc: *a\nd: {<<: *a, e: 2}\n"))["d"] == {"b": 1, "e": 2}


def test_what_is_no_file_or_too_large_is_refused_unread(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, message in ((tmp_path / "pipe", "not a regular file"), (Path("/dev/zero"), "not a regular file")):
        with pytest.raises(BonescanError, match=f"{path}: is {message}; give a YAML file"):
            read_yaml(path)
    with pytest.raises(BonescanError, match="cannot be read"):
        read_yaml(tmp_path)
    with (tmp_path / "huge.yaml").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(BonescanError, match=r"huge\.yaml: has more than 256 kB"):
        read_yaml(tmp_path / "huge.yaml")


def test_missing_and_binary_files(tmp_path: Path) -> None:
    with pytest.raises(BonescanError, match=r"none\.yaml: cannot be read"):
        read_yaml(tmp_path / "none.yaml")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(BonescanError, match=r"binary\.yaml: is not valid YAML"):
        read_yaml(tmp_path / "binary.yaml")
