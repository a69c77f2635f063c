"""Damaged input ends as a result or as one line of an error: a second of each kind."""

from __future__ import annotations

import time

import pytest

from bonescan_yolo.errors import DatasetError
from tests.fuzz.__main__ import main
from tests.fuzz.fuzz_kind import FuzzKind, TooSlowError, run_seed, time_limit
from tests.fuzz.kinds import all_kinds

SECONDS = 1.0
FEWEST = 10


@pytest.mark.parametrize("kind", all_kinds().values(), ids=lambda kind: kind.name)
def test_no_damaged_input_is_at_fault(kind: FuzzKind) -> None:
    end = time.monotonic() + SECONDS
    seed = 0
    while seed < FEWEST or time.monotonic() < end:
        outcome = run_seed(kind, seed)
        assert not outcome.is_fault, f"seed {seed}: {outcome.detail}"
        seed += 1


@pytest.mark.parametrize("kind", all_kinds().values(), ids=lambda kind: kind.name)
def test_a_seed_always_gives_the_same_input(kind: FuzzKind) -> None:
    assert [kind.mutate(seed) for seed in range(20)] == [kind.mutate(seed) for seed in range(20)]


def failing(error: Exception) -> FuzzKind:
    def run(data: object) -> None:
        raise error

    return FuzzKind("failing", lambda seed: seed, run)


def test_endings() -> None:
    assert run_seed(failing(DatasetError("a: is damaged; copy it")), 0).ending == "refused"
    crash = run_seed(failing(KeyError("x")), 3)
    assert (crash.ending, crash.seed, crash.is_fault) == ("crash", 3, True)
    assert "KeyError: 'x'" in crash.detail
    with pytest.raises(TooSlowError), time_limit(0.01):
        time.sleep(1)


def test_the_command_counts_faults(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.__main__.all_kinds", lambda: {"failing": failing(KeyError("x"))})
    assert main(["failing", "--count", "2", "--seed", "5"]) == 1
    printed = capsys.readouterr().out
    assert "python -m tests.fuzz failing --seed 6 --count 1" in printed
    assert "failing: 2 crash" in printed
    with pytest.raises(SystemExit):
        main(["nothing"])
