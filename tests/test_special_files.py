"""Only regular files are opened: a pipe, a socket or a device in a source is named, and nothing waits for it."""

from __future__ import annotations

import errno
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from bonescan_yolo.dataset.dataset_yaml import read_dataset, read_split_options
from bonescan_yolo.dataset.patients import patients_of
from bonescan_yolo.dataset.yolo_labels import read_labels
from bonescan_yolo.errors import BonescanError
from tests.convert.builders import GOOD, Bs80k, scan, voc
from tests.factories import make_dataset

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders")

SECONDS = 60


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        here = Path.cwd()
        os.chdir(path.parent)  # the path of a socket has at most 107 bytes
        try:
            made.bind(path.name)
        finally:
            os.chdir(here)


KINDS: dict[str, Callable[[Path], None]] = {
    "pipe": os.mkfifo,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "socket": make_socket,
}


@pytest.fixture(params=sorted(KINDS))
def special(request: pytest.FixtureRequest) -> Callable[[Path], Path]:
    """Return a function that puts a special file in place of another."""

    def put(path: Path) -> Path:
        path.unlink(missing_ok=True)
        KINDS[request.param](path)
        return path

    return put


@pytest.fixture(autouse=True)
def _no_hang() -> object:
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)


def convert(*arguments: object) -> str:
    """Return what a conversion says on standard error; it must not succeed."""
    from bonescan_yolo.commands.convert import main

    with pytest.raises(BonescanError) as error:
        main([str(argument) for argument in arguments])
    return str(error.value)


@pytest.mark.parametrize("form", ["bs80k", "coco", "voc", "csv", "yolo", "cvat", "labelme", "label-studio"])
def test_as_the_source(tmp_path: Path, special: Callable[[Path], Path], form: str) -> None:
    path = special(tmp_path / "source.json")
    assert "is not a regular file" in convert(form, path, "--out", tmp_path / "out")


def test_as_the_images(tmp_path: Path, special: Callable[[Path], Path]) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.xml").write_text(voc([GOOD], "1.jpg"), encoding="utf-8")
    path = special(tmp_path / "images.zip")
    assert "is not a regular file" in convert("voc", tmp_path / "a", "--images", path, "--out", tmp_path / "out")


def test_in_the_folder(tmp_path: Path, special: Callable[[Path], Path]) -> None:
    source = Bs80k(range(1, 5)).write(tmp_path / "in")
    image = next(source.rglob("1.jpg"))
    special(image)
    special(next(source.rglob("2.xml")))
    from bonescan_yolo.commands.convert import main

    assert main(["bs80k", str(source), "--out", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "convert_report.txt").read_text(encoding="utf-8").count("is not a regular file") >= 2


def test_in_a_data_set(tmp_path: Path, special: Callable[[Path], Path]) -> None:
    yaml = make_dataset(tmp_path)
    dataset = read_dataset(yaml)
    label = special(dataset.label_path(dataset.images["train"][0]))
    with pytest.raises(BonescanError, match="cannot be read"):
        read_labels(label, 256, 1024)
    with pytest.raises(OSError, match="Not a regular file"):
        dataset.sha256()
    special(tmp_path / "convert_report.json")
    with pytest.raises(BonescanError, match="is not a conversion's report"):
        read_split_options(dataset)
    special(tmp_path / "scans.csv")
    with pytest.raises(BonescanError, match="is not a table of scans"):
        patients_of(dataset, "train")
    special(tmp_path / "images" / "train" / "9.png")
    with pytest.raises(BonescanError, match=r"9\.png: is not a regular file; remove it"):
        read_dataset(yaml)


def test_a_folder_of_annotations_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in" / "xml").mkdir(parents=True)
    for number in range(3):
        (tmp_path / "in" / f"{number}.jpg").write_bytes(scan(number))
        (tmp_path / "in" / "xml" / f"{number}.xml").write_text(voc([GOOD], f"{number}.jpg"), encoding="utf-8")
    scandir = os.scandir

    def forbidden(path: str) -> object:  # root may read everything
        if str(path).endswith("xml"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", forbidden)
    assert "xml: cannot be read (permission denied)" in convert("voc", tmp_path / "in", "--out", tmp_path / "out")
