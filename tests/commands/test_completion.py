"""The completion script, in a real shell where there is one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from bonescan_yolo.commands import completion
from tests.conftest import RunCommand


@pytest.mark.parametrize("shell", completion.SHELLS)
def test_a_script_is_printed_for_each_shell(run_command: RunCommand, shell: str) -> None:
    outcome = run_command(completion.main, shell)
    assert outcome.code == 0
    assert all(word in outcome.out for word in ("bonescan", "predict", "fit-rescoring", "no-picture"))


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes_commands_and_choices(run_command: RunCommand, tmp_path: Path) -> None:
    script = tmp_path / "bonescan"
    script.write_text(run_command(completion.main, "bash").out)
    ask = (
        f"source {script}; COMP_WORDS=(bonescan {{words}}); COMP_CWORD={{last}}; "
        '_shtab_bonescan; printf "%s\\n" "${{COMPREPLY[@]}}"'
    )

    def complete(*words: str) -> list[str]:
        command = ask.format(words=" ".join(words), last=len(words))
        return subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True).stdout.split()

    assert complete("pr") == ["predict"]
    assert complete("predict", "--format", "c") == ["csv", "coco", "cvat"]
