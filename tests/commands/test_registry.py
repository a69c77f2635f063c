"""The one command: its sub-commands, and what it says when a package is missing."""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from bonescan_yolo import __main__ as bonescan
from bonescan_yolo import __version__
from bonescan_yolo.commands import registry
from bonescan_yolo.commands.info import EXTRAS
from bonescan_yolo.commands.registry import COMMANDS, MissingExtraError, build_parsers, dispatch
from tests.conftest import RunCommand

ROOT = Path(__file__).parents[2]
PYPROJECT = ROOT / "pyproject.toml"
DISTRIBUTIONS = {"cv2": "opencv-python", "PIL": "pillow", "yaml": "pyyaml"}
"""What to install for a module of another name."""


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_has_a_parser_under_its_name(command: registry.Command) -> None:
    parser = import_module(command.module).build_parser()
    assert isinstance(parser, argparse.ArgumentParser)
    assert parser.prog == f"bonescan {command.name}"
    assert command.name in build_parsers()


def test_extras_are_those_of_the_package() -> None:
    section = PYPROJECT.read_text(encoding="utf-8").split("[project.optional-dependencies]")[1].split("\n[")[0]
    extras = set(re.findall(r"^(\w+) = \[", section, flags=re.MULTILINE))
    assert {command.extra for command in COMMANDS if command.extra} <= extras
    assert set(EXTRAS) <= extras


def test_the_convert_extra_brings_what_the_converter_imports() -> None:
    """Read from the source: where the tests run every package is installed, so an import proves nothing."""
    requirements = "\n".join(_requirements("dependencies") + _requirements("convert"))
    sources = [ROOT / "bonescan_yolo" / "commands" / "convert.py", *(ROOT / "bonescan_yolo" / "convert").rglob("*.py")]
    imported = {module for source in sources for module in _imports(source)}
    packages = {DISTRIBUTIONS.get(module, module) for module in imported - sys.stdlib_module_names - {"bonescan_yolo"}}
    assert {package for package in packages if not re.search(rf"^{package}\b", requirements, re.MULTILINE)} == set()


def _requirements(name: str) -> list[str]:
    """Return the lines of one list of `pyproject.toml`."""
    section = re.search(rf"^{name} = \[(.*?)^\]", PYPROJECT.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert section is not None
    return re.findall(r'^ *"(.+?)"', section[1], re.MULTILINE)


def _imports(source: Path) -> set[str]:
    """Return the top-level packages that a module imports."""
    modules = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules.add(node.module.split(".")[0])
    return modules


@pytest.mark.parametrize(("name", "extra"), [("train", "train"), ("convert", "convert"), ("simulate", "simulate")])
def test_a_missing_package_is_one_line_that_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, name: str, extra: str
) -> None:
    def fail(module: str) -> None:
        raise ModuleNotFoundError(f"No module named {module}", name="some_package.inner")

    monkeypatch.setattr(registry, "import_module", fail)
    expected = rf'some_package: is not installed, .*`bonescan {name}`.*pip install "bonescan_yolo\[{extra}\]"'
    with pytest.raises(MissingExtraError, match=expected):
        dispatch(name, [])
    assert name in build_parsers()  # the reference and the completion go on without its options


def test_torch_missing_from_evaluate_names_the_extra_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(module: str) -> None:
        raise ModuleNotFoundError(f"No module named {module}", name="torch")

    monkeypatch.setattr(registry, "import_module", fail)
    with pytest.raises(MissingExtraError, match=r'`bonescan evaluate`.*pip install "bonescan_yolo\[train\]"'):
        dispatch("evaluate", [])


def test_a_missing_module_of_our_own_is_our_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(module: str) -> None:
        raise ModuleNotFoundError(f"No module named {module}", name="bonescan_yolo.gone")

    monkeypatch.setattr(registry, "import_module", fail)
    with pytest.raises(ModuleNotFoundError):
        dispatch("predict", [])


def test_a_package_missing_while_a_command_runs_is_named_too(tmp_path: Path) -> None:
    """As a process: pydantic is hidden, as in an environment without extras."""
    script = (
        "import sys; sys.modules['pydantic'] = None\n"
        "from bonescan_yolo.__main__ import run; sys.argv = ['bonescan', 'train']; run()"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: pydantic: is not installed")
    assert done.stderr.count("\n") == 1


def test_without_a_command_the_list_is_shown(run_command: RunCommand) -> None:
    outcome = run_command(bonescan.main)
    assert outcome.code == 2
    assert all(f"  {command.name} " in outcome.err and command.summary in outcome.err for command in COMMANDS)


@pytest.mark.parametrize("module", ["bonescan_yolo", "bonescan_yolo.predict", "bonescan_yolo.phantom"])
def test_modules_can_be_run(module: str) -> None:
    done = subprocess.run([sys.executable, "-m", module, "--help"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()[:2]) == (0, ["usage:", "bonescan"])


def test_the_version_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        bonescan.main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out == f"bonescan {__version__}\n"


def test_an_unknown_command_is_the_users_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        bonescan.main(["predcit"])
    assert left.value.code == 2
    assert "'predict'" in capsys.readouterr().err
