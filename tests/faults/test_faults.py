"""A killed command leaves nothing half-written: one kill of the quickest."""

from __future__ import annotations

import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are killed by a signal")


def test_a_kill_and_a_full_disk(capsys: pytest.CaptureFixture[str]) -> None:
    from tests.faults.__main__ import main

    assert main(["predict-csv", "--count", "1"]) == 0, capsys.readouterr().out
    assert "5 faults (1 kills, 1 interrupts" in capsys.readouterr().out


def test_a_case_that_is_not_known() -> None:
    from tests.faults.__main__ import main

    with pytest.raises(SystemExit):
        main(["nothing"])
