"""Exit codes and messages that all commands share."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from bonescan_yolo import cli
from bonescan_yolo.errors import BonescanError
from tests.conftest import RunCommand


def raising(error: BaseException) -> Callable[[Sequence[str]], int]:
    def main(arguments: Sequence[str]) -> int:
        raise error

    return main


def run_script(script: str, *, code: int, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process of its own and check its exit code."""
    command = [sys.executable, "-c", f"from bonescan_yolo import cli\nfrom bonescan_yolo.errors import *\n{script}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)
    assert done.returncode == code, done.stderr
    return done


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (BonescanError("x.png: is empty; copy it again"), 2, "error: x.png: is empty; copy it again"),
        (BonescanError("a\nb\x1b.png: is empty"), 2, r"error: a\nb\x1b.png: is empty"),
        (
            PermissionError(13, "Permission denied", "/srv/x"),
            2,
            "error: /srv/x: cannot be used (permission denied);",
        ),
        (KeyboardInterrupt(), 130, "stopped"),
        (ValueError("two\nlines"), 1, "internal error: ValueError: two lines (set BONESCAN_DEBUG=1 for details)"),
        (OSError("no file is to blame"), 1, "internal error: OSError: no file is to blame"),
    ],
)
def test_errors_become_one_line_and_an_exit_code(
    run_command: RunCommand, error: BaseException, code: int, line: str
) -> None:
    outcome = run_command(raising(error))
    assert outcome.code == code
    assert outcome.err.startswith(line)
    assert outcome.err.count("\n") == 1
    assert outcome.out == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\r\tc\x1b[31m", r"a\nb\r\tc\x1b[31m"),
        ("\x00\x7f\x85\u2028\u2029", r"\x00\x7f\x85\u2028\u2029"),
        ("骨 é\u202fPM \U0001f9b4.png", "骨 é\u202fPM \U0001f9b4.png"),
    ],
)
def test_a_line_shows_control_characters_as_escapes(text: str, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    cli.say(text, sys.stdout)
    assert capsys.readouterr().out == f"{shown}\n"
    assert str(BonescanError(text)) == shown


def test_main_gets_the_arguments_and_gives_the_code(run_command: RunCommand) -> None:
    assert run_command(len, "a", "b", "c").code == 3


def test_traceback_on_demand(run_command: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BONESCAN_DEBUG", "1")
    assert "Traceback" in run_command(raising(ValueError("why"))).err


def test_interrupt_signal(tmp_path: Path) -> None:
    script = (
        "from bonescan_yolo import cli\nimport signal, time\n"
        # A shell that starts tests in the background has them ignore the signal.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "def main(arguments):\n    print('ready', flush=True)\n    time.sleep(60)\ncli.run(main)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err == "stopped\n"


def test_reader_that_leaves_is_no_error() -> None:
    script = "def main(a):\n    print('x' * 10_000_000)\n    return 0\ncli.run(main)"
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", f"from bonescan_yolo import cli\n{script}"],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
        timeout=60,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a Linux device")
def test_full_standard_output() -> None:
    script = "def main(a):\n    print('x' * 100)\n    return 0\ncli.run(main)"
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", f"from bonescan_yolo import cli\n{script}"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 2
    assert done.stderr == "error: output: cannot be written (no space left on device); free disk space\n"


def test_names_that_the_terminal_cannot_show() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    script = "def main(a):\n    cli.say('scan \\u9aa8', sys.stdout)\n    return 0\ncli.run(main)"
    assert run_script(f"import sys\n{script}", code=0, env=environment).stdout == "scan \\u9aa8\n"


def test_progress_keeps_a_log_clean(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(cli.progress(iter("abc"), 3, "reading")) == ["a", "b", "c"]
    cli.say_error(BonescanError("x: y"))
    assert capsys.readouterr().err == "error: x: y\n"


def test_progress_on_a_terminal_tears_no_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    for item in cli.progress(iter("abc"), 3, "reading"):
        if item == "b":
            cli.say_error(BonescanError("x: y"))
    err = capsys.readouterr().err
    assert "reading" in err
    assert "\rerror: x: y\n" in err  # the bar was wiped first


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="no signal masks")
def test_the_first_process_started_while_interrupts_are_held_gets_none(tmp_path: Path) -> None:
    """In a fresh interpreter: multiprocessing's own helper, started with the first process, unblocks the signal."""
    script = tmp_path / "script.py"
    script.write_text(
        "import multiprocessing, signal\n"
        "from bonescan_yolo import cli\n"
        "def work(pipe):\n"
        "    pipe.send(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))\n"
        "if __name__ == '__main__':\n"
        "    context = multiprocessing.get_context('spawn')\n"
        "    receiver, sender = context.Pipe(duplex=False)\n"
        "    with cli.holding_interrupts():\n"
        "        process = context.Process(target=work, args=(sender,))\n"
        "        process.start()\n"
        "    print(receiver.recv())\n"
        "    process.join()\n",
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
