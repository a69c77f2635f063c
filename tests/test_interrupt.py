"""Ctrl-C while a command starts: one line, whichever module is being imported."""

from __future__ import annotations

import subprocess
import sys

import pytest

INTERRUPTED = """
import sys
class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupt())
sys.argv = ["bonescan", *{arguments!r}]
from bonescan_yolo.__main__ import run
run({name!r})
"""


@pytest.mark.parametrize(
    ("module", "name", "arguments"),
    [
        ("bonescan_yolo.cli", None, ["predict", "x.png"]),
        ("bonescan_yolo.commands.registry", None, ["predict", "x.png"]),
        ("bonescan_yolo.commands.registry", "train", []),
        ("argparse", None, ["--version"]),
        ("numpy", None, ["predict", "x.png"]),
        ("bonescan_yolo.evaluate.evaluation", None, ["evaluate", "--data", "x.yaml"]),
        ("yaml", "train", ["--data", "x.yaml"]),
    ],
)
def test_no_traceback(module: str, name: str | None, arguments: list[str]) -> None:
    code = INTERRUPTED.format(module=module, name=name, arguments=arguments)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "stopped\n")


AFTER_THE_END = """
import atexit, os, signal, sys
from bonescan_yolo import cli
atexit.register(os.kill, os.getpid(), signal.SIGINT)
cli.run(lambda arguments: 0)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot send itself Ctrl-C there")
def test_what_is_done_stays_done_while_python_ends() -> None:
    done = subprocess.run([sys.executable, "-c", AFTER_THE_END], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
