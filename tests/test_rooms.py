"""The plan of the house: names once, no circles, a small ground floor, a small install for reading scans."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "bonescan_yolo"
MOST_ON_THE_GROUND_FLOOR = 10
MOST_LINES = 300
"""Of a module: one subject, read in one go."""

HEAVY = {"torch", "ultralytics", "cv2", "scipy", "pydantic", "yaml", "onnx", "matplotlib", "mujoco", "defusedxml"}


def modules() -> dict[str, Path]:
    """Return the package's modules by dotted name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports_of(path: Path, known: set[str], *, lazy: bool) -> set[str]:
    """Return the package's modules that a module imports; `lazy` counts imports inside functions too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = list(ast.walk(tree)) if lazy else [node for part in tree.body for node in _eager(part)]
    found = set()
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names} & known
            found |= names or ({node.module} & known)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & known
    return found


def _eager(node: ast.stmt) -> list[ast.AST]:
    """Return a statement's parts that run at import; what is for type checkers alone does not."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return []
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        return []
    return list(ast.walk(node))


def test_no_module_name_occurs_twice() -> None:
    stems = Counter(path.stem for path in PACKAGE.rglob("*.py") if not path.stem.startswith("__"))
    assert [name for name, count in stems.items() if count > 1] == []


def test_no_class_name_occurs_twice() -> None:
    names: Counter[str] = Counter()
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names.update(node.name for node in tree.body if isinstance(node, ast.ClassDef))
    assert [name for name, count in names.items() if count > 1] == []


def test_the_ground_floor_is_small() -> None:
    assert len(list(PACKAGE.glob("*.py"))) <= MOST_ON_THE_GROUND_FLOOR


def test_modules_are_of_one_sitting() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in PACKAGE.rglob("*.py")}
    assert {path.name: length for path, length in lengths.items() if length > MOST_LINES} == {}


def test_no_modules_import_each_other_in_a_circle() -> None:
    paths = modules()
    graph = {name: imports_of(path, set(paths), lazy=False) - {name} for name, path in paths.items()}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail[trail.index(name) :], name))
        if name not in done:
            for other in graph[name]:
                visit(other, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


@pytest.mark.parametrize("command", ["predict", "measure", "suggest", "info"])
def test_reading_scans_needs_the_small_install_alone(command: str) -> None:
    """Follow every import, lazy ones too, from a command: none of the packages of the extras is asked for."""
    paths = modules()
    waiting, seen = [f"bonescan_yolo.commands.{command}"], set()
    wanted: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        waiting += imports_of(paths[name], set(paths), lazy=True)
        for node in ast.walk(ast.parse(paths[name].read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                wanted |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                wanted.add(node.module.split(".")[0])
    assert wanted & HEAVY == set()
    assert wanted - sys.stdlib_module_names - {"bonescan_yolo"} <= {"numpy", "onnxruntime", "PIL", "pydicom", "tqdm"}
