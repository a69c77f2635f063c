"""Compare what two states of the project write, byte for byte.

    python -m tests.contract --before REVISION [SCANS ...]

Checks out REVISION beside the working tree, runs the same commands in both, and compares exit codes, what was printed
and every file. The scans are twenty simulated ones, which both simulators have to make alike, pydicom's bone scan, and
the files and folders named. Nothing of them is kept. Ends with 1 where something differs.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydicom.data import get_testdata_file

ROOT = Path(__file__).parents[2]
STUDIES = 10
"""Simulated studies, of two scans each."""

VERSION = re.compile(rb'("(?:version|package_version|bonescan_yolo)": )"\d+\.\d+\.\d+[^"]*"')
"""A record names the version that wrote it: of two versions, that alone may differ."""

DELIBERATE: Mapping[str, str] = {
    r"(json|csv|yolo|coco)/.*\.png": "captions show frame, view and counts, and no file name",
    r"measure/.*_outlines\.png": "drawn as in predict's pictures: one display curve, rows of the body, captions",
    r"measure: standard output": "the note on the burden is in plain words",
    r"evaluate: standard output": "the headline has F1 and false boxes of both classes",
    r"phantom/phantom\.json": "parameters that were numbers in code are recorded too",
}
"""Patterns of files that differ on purpose, and why."""

Results = dict[str, bytes]
"""What a state wrote: names of files and streams, and their bytes."""


@dataclass(frozen=True)
class Command:
    """One run: its name, and the arguments behind `python -m`; `{out}`, `{scans}` and `{phantom}` are filled in."""

    name: str
    arguments: tuple[str, ...]


SIMULATE = Command(
    "phantom",
    ("bonescan_yolo.phantom", "--studies", str(STUDIES), "--seed", "3", "--masks", "--out", "{out}/phantom"),
)
COMMANDS = (
    *(
        Command(f"predict-{kind}", ("bonescan_yolo.predict", "{scans}", "--format", kind, "--out", "{out}/" + kind))
        for kind in ("json", "csv", "yolo", "coco")
    ),
    Command("predict-lines", ("bonescan_yolo.predict", "{scans}", "--out", "-")),
    Command("predict-missing", ("bonescan_yolo.predict", "missing.png", "--out", "{out}/missing")),
    Command("measure", ("bonescan_yolo.measure", "{scans}", "--out", "{out}/measure")),
    Command("convert", ("bonescan_yolo.convert", "bs80k", "{phantom}", "--split", "40/20/40", "--out", "{out}/data")),
    Command(
        "evaluate",
        ("bonescan_yolo.evaluate", "--data", "{out}/data/dataset.yaml", "--draws", "50", "--out", "{out}/evaluate"),
    ),
)
VOLATILE = ("report.html",)
"""Files that hold more than the contract covers: times, versions of packages."""


def main(arguments: Sequence[str]) -> int:
    """Run the comparison; returns 0 where nothing differs but what is meant to."""
    parser = argparse.ArgumentParser(prog="python -m tests.contract", description=__doc__)
    parser.add_argument("--before", required=True, help="revision to compare the working tree with")
    parser.add_argument("scans", nargs="*", type=Path, help="scans or folders of scans to read as well")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, checked_out(options.before) as before:
        scans = [*(path.resolve() for path in options.scans), dicom()]
        first, second = (
            run_all(root, Path(folder) / name, scans) for root, name in ((before, "before"), (ROOT, "after"))
        )
    found = differences(first, second)
    for name, what in found.items():
        sys.stdout.write(f"{name}: {what}\n")
    expected = sum(is_deliberate(name) for name in found)
    sys.stdout.write(
        f"{len(first)} outputs before, {len(second)} after; {len(found)} differ, {expected} of them on purpose\n"
    )
    return int(len(found) > expected)


@contextmanager
def checked_out(revision: str) -> Iterator[Path]:
    """Yield a folder that holds the project as it was at a revision."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "before"
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", path, revision], cwd=ROOT, check=True)
        try:
            yield path
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", path], cwd=ROOT, check=True)


def dicom() -> Path:
    """Return the bone scan that pydicom ships: NM, 12 bit, JPEG Extended, 1024 x 256."""
    path = get_testdata_file("JPGExtended.dcm", download=False)
    if not isinstance(path, str):
        raise FileNotFoundError("JPGExtended.dcm: this pydicom has no test data")
    return Path(path)


def run_all(root: Path, out: Path, scans: Sequence[Path]) -> Results:
    """Return what the project in `root` writes and prints for all commands."""
    out.mkdir()
    results = run(root, SIMULATE, out, {"{out}": [str(out)]})
    phantom = out / "phantom"
    simulated = sorted(path for name in ("wholeBodyANT", "wholeBodyPOST") for path in (phantom / name).glob("*.jpg"))
    filled = {
        "{out}": [str(out)],
        "{phantom}": [str(phantom)],
        "{scans}": [str(path) for path in (*simulated, *scans)],
    }
    for command in COMMANDS:
        results |= run(root, command, out, filled)
    for path in sorted(out.rglob("*")):
        if path.is_file() and path.name not in VOLATILE:
            results[path.relative_to(out).as_posix()] = without_place(path.read_bytes(), out)
    return results


def run(root: Path, command: Command, out: Path, filled: Mapping[str, Sequence[str]]) -> Results:
    """Run one command in `root`; returns its exit code and what it printed."""
    arguments: list[str] = []
    for argument in command.arguments:
        if argument in filled:
            arguments += filled[argument]
        else:
            arguments.append(argument.replace("{out}", str(out)))
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=root, env=environment, capture_output=True, check=False
    )
    return {
        f"{command.name}: exit code": str(done.returncode).encode(),
        f"{command.name}: standard output": without_place(done.stdout, out),
    }


def without_place(content: bytes, out: Path) -> bytes:
    """Return content without what differs from run to run: folder of the results, version, name of the command."""
    content = content.replace(str(out).encode(), b"OUT").replace(
        b"python -m bonescan_yolo.evaluate", b"bonescan evaluate"
    )
    return VERSION.sub(rb'\1"VERSION"', content)


def differences(before: Results, after: Results) -> dict[str, str]:
    """Return what differs, in words, by name."""
    found = {name: "is missing after" for name in before if name not in after}
    found |= {name: "is new after" for name in after if name not in before}
    found |= {name: "differs" for name in before if name in after and before[name] != after[name]}
    return dict(sorted(found.items()))


def is_deliberate(name: str) -> bool:
    """Return whether a file differs on purpose."""
    return any(re.fullmatch(pattern, name) for pattern in DELIBERATE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
