"""Annotations that nobody could read or place: refused, because their scans would become background."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bonescan_yolo.commands.convert import main
from tests.conftest import Outcome, RunCommand
from tests.convert.builders import GOOD, Bs80k, scan, voc

ANT = "wholeBodyANT"
MALFORMED = b"<annotation><object>"


@pytest.fixture
def convert(run_command: RunCommand, tmp_path: Path) -> Callable[..., Outcome]:
    """Return a function that runs the command, writing to tmp_path/out."""
    return lambda *arguments: run_command(main, *arguments, "--out", tmp_path / "out")


def put(root: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def voc_set(root: Path, annotations: dict[str, bytes]) -> Path:
    """Three scans with annotations of any names and contents."""
    return put(root, {**{f"images/{i}.jpg": scan(i) for i in (1, 2, 3)}, **annotations})


def coco_set(root: Path, **changes: object) -> Path:
    """Two scans of which the first has an abnormal box."""
    content = {
        "images": [{"id": 1, "file_name": "1.jpg"}, {"id": 2, "file_name": "2.jpg"}],
        "annotations": [{"image_id": 1, "category_id": 7, "bbox": [64, 256, 128, 512]}],
        "categories": [{"id": 7, "name": "abnormal"}],
        **changes,
    }
    put(root, {"images/1.jpg": scan(1), "images/2.jpg": scan(2)})
    return put(root, {"boxes/a.json": json.dumps(content).encode()})


def assert_refused(outcome: Outcome, tmp_path: Path, *words: str) -> None:
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("error: ")
    assert outcome.err.count("\n") == 1
    for word in words:
        assert word in outcome.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("locked", [f"temp/{ANT}/ant", f"temp/{ANT}", "temp", "."])
def test_a_folder_of_bs80k_that_cannot_be_read(
    convert: Callable[..., Outcome], tmp_path: Path, lock_folder: Callable[[Path], None], locked: str
) -> None:
    source = Bs80k().write(tmp_path / "in")
    lock_folder(source / locked)
    message = f"{source / locked}: cannot be read (permission denied); change its permissions or move it away"
    assert_refused(convert("bs80k", source), tmp_path, message)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permissions(convert: Callable[..., Outcome], tmp_path: Path) -> None:
    source = Bs80k().write(tmp_path / "in")
    locked = source / "temp" / ANT / "ant"
    locked.chmod(0)
    try:
        assert_refused(convert("bs80k", source), tmp_path, f"{locked}: cannot be read (permission denied)")
    finally:
        locked.chmod(0o700)


def test_a_folder_of_voc_files_that_cannot_be_read(
    convert: Callable[..., Outcome], tmp_path: Path, lock_folder: Callable[[Path], None]
) -> None:
    source = voc_set(tmp_path / "in", {"one/1.xml": voc([GOOD]).encode(), "two/2.xml": voc([GOOD]).encode()})
    lock_folder(source / "two")
    assert_refused(convert("voc", source), tmp_path, f"{source / 'two'}: cannot be read (permission denied)")


@pytest.mark.parametrize("locked", ["images", "more"])
def test_a_folder_of_a_coco_set_that_cannot_be_read(
    convert: Callable[..., Outcome], tmp_path: Path, lock_folder: Callable[[Path], None], locked: str
) -> None:
    source = put(coco_set(tmp_path / "in"), {"more/b.json": b"{}"})
    lock_folder(source / locked)
    outcome = convert("coco", source, "--images", source / "images")
    assert_refused(outcome, tmp_path, f"{source / locked}: cannot be read (permission denied)")


def test_what_the_system_keeps_for_itself_does_not_stop_a_conversion(
    convert: Callable[..., Outcome], tmp_path: Path, lock_folder: Callable[[Path], None]
) -> None:
    source = Bs80k().write(tmp_path / "in")
    (source / "lost+found").mkdir()
    lock_folder(source / "lost+found")
    assert convert("bs80k", source).code == 0


@pytest.mark.parametrize(
    ("annotations", "found"),
    [
        (
            {f"ant/{i}.xml": MALFORMED for i in (1, 2)},
            f"0 of 2 annotation files can be used (2 cannot be read, such as temp/{ANT}/ant/1.xml, which is malformed",
        ),
        (
            {f"ant/{i}.xml": voc([GOOD]).encode() for i in (7, 8, 9)},
            f"0 of 3 annotation files can be used (3 match no image or several, such as temp/{ANT}/ant/7.xml); give",
        ),
        (
            {"ant/1.xml": MALFORMED, "ant/9.xml": voc([]).encode()},
            "0 of 2 annotation files can be used (1 cannot be read, such as",
        ),
    ],
    ids=["malformed", "orphans", "both"],
)
def test_a_view_of_bs80k_whose_annotations_are_of_no_use(
    convert: Callable[..., Outcome], tmp_path: Path, annotations: dict[str, bytes], found: str
) -> None:
    data = Bs80k()
    for number in (1, 2, 3):
        del data.files[f"{ANT}/ant/{number}.xml"]
    data.files.update({f"{ANT}/{name}": text for name, text in annotations.items()})
    assert_refused(convert("bs80k", data.write(tmp_path / "in")), tmp_path, f"in/temp/{ANT}: {found}")


def test_a_view_of_normal_scans_without_any_annotation_file_is_background(
    convert: Callable[..., Outcome], tmp_path: Path
) -> None:
    data = Bs80k()
    for number in (1, 2, 3):
        del data.files[f"{ANT}/ant/{number}.xml"]
    data.files[f"{ANT}/wholeBodyANT.txt"] = b"1.jpg 0\n2.jpg 0\n3.jpg 0\n"
    assert convert("bs80k", data.write(tmp_path / "in")).code == 0
    labels = list((tmp_path / "out" / "labels").rglob("*_anterior.txt"))
    assert [path.read_text() for path in labels] == ["", "", ""]


def test_a_view_without_images_leaves_the_other_as_it_is(convert: Callable[..., Outcome], tmp_path: Path) -> None:
    data = Bs80k()
    for number in (1, 2, 3):
        del data.files[f"{ANT}/{number}.jpg"]
    assert convert("bs80k", data.write(tmp_path / "in")).code == 0
    assert len(list((tmp_path / "out" / "labels").rglob("*.txt"))) == 3


@pytest.mark.parametrize(
    ("annotations", "found"),
    [
        (
            {"a/1.xml": MALFORMED},
            "0 of 1 annotation files can be used (1 cannot be read, such as a/1.xml, which is mal",
        ),
        ({"a/8.xml": voc([GOOD]).encode()}, "0 of 1 annotation files can be used (1 match no image or several, such"),
        ({"a/1.xml": MALFORMED, "a/9.xml": voc([GOOD]).encode()}, "0 of 2 annotation files can be used"),
        ({"a/8.xml": MALFORMED}, "0 of 1 annotation files can be used (1 cannot be read, such as a/8.xml"),
        ({"a/1.xml": voc([("lesion", (1, 2, 3, 4))]).encode()}, "0 of 1 annotated objects can be used"),
    ],
    ids=["malformed", "orphan", "both", "malformed orphan", "unknown class"],
)
def test_a_voc_set_whose_annotations_are_of_no_use(
    convert: Callable[..., Outcome], tmp_path: Path, annotations: dict[str, bytes], found: str
) -> None:
    assert_refused(convert("voc", voc_set(tmp_path / "in", annotations)), tmp_path, f"error: in: {found}")


def test_voc_files_that_may_not_be_read(
    convert: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = voc_set(tmp_path / "in", {"a/1.xml": voc([GOOD]).encode()})
    read_bytes = Path.read_bytes

    def deny(self: Path) -> bytes:
        if self.suffix == ".xml":
            raise PermissionError(13, "Permission denied", str(self))
        return read_bytes(self)

    monkeypatch.setattr(Path, "read_bytes", deny)
    found = (
        "0 of 1 annotation files can be used (1 cannot be read, such as a/1.xml, which cannot be read (permission den"
    )
    assert_refused(convert("voc", source), tmp_path, found)


def test_voc_files_without_objects_say_that_their_scans_are_background(
    convert: Callable[..., Outcome], tmp_path: Path
) -> None:
    assert convert("voc", voc_set(tmp_path / "in", {"a/1.xml": voc([]).encode()})).code == 0


@pytest.mark.parametrize(
    ("annotation", "found"),
    [
        ({"image_id": 9}, "a.json: annotation 0 belongs to no image; left out; check the names and ids of the images"),
        ({"image_id": 3}, "a.json: gone.jpg is not there, or several images could be it; its objects are left out"),
        ({"bbox": [1, 2]}, "a.json: annotation 0 has no bbox of four numbers; left out; check what wrote the annotat"),
        ({"category_id": 5}, "class names found: category 5 (1); say what they mean, such as --map"),
    ],
    ids=["no record", "no image", "no box", "unknown class"],
)
def test_a_coco_set_whose_annotations_are_of_no_use(
    convert: Callable[..., Outcome], tmp_path: Path, annotation: dict[str, object], found: str
) -> None:
    good = {"image_id": 1, "category_id": 7, "bbox": [64, 256, 128, 512]}
    images = [{"id": number, "file_name": name} for number, name in enumerate(("1.jpg", "2.jpg", "gone.jpg"), start=1)]
    source = coco_set(tmp_path / "in", images=images, annotations=[{**good, **annotation}])
    outcome = convert("coco", source, "--images", source / "images")
    assert_refused(outcome, tmp_path, "0 of 1 annotated objects can be used", "the first problem: ", found)


def test_a_coco_set_of_normal_scans_stays_background(convert: Callable[..., Outcome], tmp_path: Path) -> None:
    source = coco_set(tmp_path / "in", annotations=[])
    assert convert("coco", source, "--images", source / "images").code == 0
