"""The command: BS-80K's layout, the same bytes from the same seed, and what users get wrong."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from bonescan_yolo.commands.simulate import main
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.phantom import generate as generating
from bonescan_yolo.phantom.body.anatomy import Skeleton
from bonescan_yolo.phantom.bs80k_layout import Extras
from bonescan_yolo.phantom.generate import Order, generate
from bonescan_yolo.phantom.parameters import PhantomConfig, parameters_with
from bonescan_yolo.regions.bone_files import decode_masks, decode_sites
from bonescan_yolo.regions.region_names import BONES

EVERYTHING = Extras(masks=True, regions=True)
SICK = parameters_with({"disease": {"healthy_share": 0.3}})
ROOT = Path(__file__).parents[2]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, skeleton: Skeleton) -> None:
    monkeypatch.setattr(generating, "load_skeleton", lambda: skeleton)


def contents(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, skeleton: Skeleton) -> Path:
    root = tmp_path_factory.mktemp("phantom") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generating, "load_skeleton", lambda: skeleton)
        generate(root, Order(studies=6, seed=3, config=SICK, extras=EVERYTHING), workers=1)
    return root


def test_layout_is_that_of_bs80k(made: Path) -> None:
    for folder, inner in (("wholeBodyANT", "ant"), ("wholeBodyPOST", "post")):
        assert sorted(p.name for p in (made / folder).glob("*.jpg")) == [f"{n}.jpg" for n in range(1, 7)]
        lines = (made / folder / f"{folder}.txt").read_text().splitlines()
        assert [line.split()[0] for line in lines] == [f"{n}.jpg" for n in range(1, 7)]
        for line in lines:
            name, flag = line.split()
            xml = made / folder / inner / name.replace("jpg", "xml")
            names = [e.text for e in ElementTree.parse(xml).iter("name")] if xml.exists() else []  # noqa: S314
            assert set(names) <= {"Normal", "Abnormal"}
            assert flag == ("1" if "Abnormal" in names else "0")
        with Image.open(made / folder / "1.jpg") as image:
            assert (image.size, image.mode, image.format) == ((256, 1024), "L", "JPEG")


def test_masks_fill_their_boxes(made: Path) -> None:
    seen = 0
    for xml in made.glob("wholeBody*/*/*.xml"):
        mask = np.asarray(Image.open(made / "masks" / xml.parts[-3] / f"{xml.stem}.png"))
        for number, thing in enumerate(ElementTree.parse(xml).iter("bndbox"), start=1):  # noqa: S314
            x1, y1, x2, y2 = (int(thing.findtext(k, "")) for k in ("xmin", "ymin", "xmax", "ymax"))
            rows, columns = np.nonzero(mask == number)
            if len(rows):  # a later object may cover a whole earlier one
                assert rows.min() >= y1
                assert rows.max() < y2
                assert columns.min() >= x1
                assert columns.max() < x2
                seen += 1
    assert seen > 5


def test_bones_are_under_most_of_what_is_bright(made: Path) -> None:
    for view in ("wholeBodyANT", "wholeBodyPOST"):
        own = decode_masks((made / "regions" / view / "1.npz").read_bytes(), view)
        grey = np.asarray(Image.open(made / view / "1.jpg"))
        assert own.shape == (len(BONES), *grey.shape)
        bright = np.asarray(grey > np.quantile(grey, 0.98))
        assert np.asarray(own.any(axis=0))[bright].mean() > 0.7  # bladder and kidneys are under no bone


def test_boxes_are_over_the_bones_that_their_hot_spots_are_in(made: Path) -> None:
    over = []
    for view, inner in (("wholeBodyANT", "ant"), ("wholeBodyPOST", "post")):
        for number in range(1, 7):
            content = (made / "regions" / view / f"{number}.npz").read_bytes()
            masks, sites = decode_masks(content, view), decode_sites(content, view)
            xml = made / view / inner / f"{number}.xml"
            boxes = list(ElementTree.parse(xml).iter("bndbox")) if xml.exists() else []  # noqa: S314
            assert sites.shape == (len(boxes), len(BONES))
            for box, site in zip(boxes, sites, strict=True):
                x1, y1, x2, y2 = (int(box.findtext(k, "")) for k in ("xmin", "ymin", "xmax", "ymax"))
                over += [masks[bone, y1:y2, x1:x2].any() for bone in np.flatnonzero(site)]
    assert len(over) > 10
    assert np.mean(over) > 0.95  # a part of a lesion in several bones may have a box of its own


def test_workers_do_not_change_a_byte(made: Path, tmp_path: Path, quick: None) -> None:
    generate(tmp_path / "out", Order(studies=6, seed=3, config=SICK, extras=EVERYTHING), workers=2)
    assert contents(tmp_path / "out") == contents(made)


def test_more_studies_leave_the_first_as_they_are(made: Path, tmp_path: Path, quick: None) -> None:
    generate(tmp_path / "out", Order(studies=2, seed=3, config=SICK), workers=1)
    few, many = contents(tmp_path / "out"), contents(made)
    assert few["wholeBodyANT/2.jpg"] == many["wholeBodyANT/2.jpg"]
    assert "masks/wholeBodyANT/1.png" not in few
    assert "regions/wholeBodyANT/1.npz" not in few


def test_record_says_how_it_was_made(made: Path) -> None:
    record = json.loads((made / "phantom.json").read_text())
    assert (record["seed"], record["studies"]) == (3, 6)
    assert (record["masks"], record["regions"]) == (True, True)
    assert PhantomConfig.model_validate(record["config"]) == SICK


def test_a_phantom_is_replaced_but_nothing_else_is(made: Path, tmp_path: Path) -> None:
    folder = tmp_path / "scans"
    shutil.copytree(made, folder)
    order = Order(studies=1, seed=0, config=SICK)
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(BonescanError, match=r"holds notes\.txt beside an earlier simulation"):
        generate(folder, order, workers=1)
    assert (folder / "notes.txt").read_text() == "mine"
    (folder / "phantom.json").unlink()
    with pytest.raises(BonescanError, match="is not an earlier simulation"):
        generate(folder, order, workers=1)


@pytest.mark.parametrize("arguments", [["--studies", "0"], ["--studies", "x"], ["--seed", "-1"], []])
def test_wrong_arguments_leave_with_2(arguments: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as leaving:
        main([*arguments, "--out", str(tmp_path / "out")])
    assert leaving.value.code == 2


def test_command_reports_what_it_made(tmp_path: Path, quick: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--studies", "1", "--out", str(tmp_path / "out"), "--workers", "1"]) == 0
    assert "1 studies" in capsys.readouterr().out
    assert (tmp_path / "out" / "wholeBodyPOST" / "1.jpg").exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to a process group")
def test_an_interrupted_run_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bonescan_yolo.phantom", "--studies", "500", "--workers", "2"]
    out = tmp_path / "here" / "out"
    running = subprocess.Popen(
        [*command, "--out", str(out)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("here/.out*/wholeBodyANT/1.jpg")) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=30)
    assert running.returncode == 130
    assert said.endswith("stopped\n")
    assert "Traceback" not in said
    assert list((tmp_path / "here").iterdir()) == []


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="lists processes as Linux does")
def test_the_processes_of_a_killed_run_end(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bonescan_yolo", "simulate", "--studies", "400", "--workers", "2"]
    started = subprocess.Popen([*command, "--out", tmp_path / "scans"], cwd=ROOT, stderr=subprocess.DEVNULL)
    workers: set[int] = set()
    deadline = time.monotonic() + 60
    while len(workers) < 3 and time.monotonic() < deadline:
        time.sleep(0.1)
        workers = children_of(started.pid)
    while not list(tmp_path.rglob("*.jpg")) and time.monotonic() < deadline:
        time.sleep(0.1)
    started.kill()
    started.wait()
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{pid}/cmdline").exists() for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.1)
    left = [pid for pid in workers if Path(f"/proc/{pid}/cmdline").exists()]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert len(workers) >= 2
    assert not left


def children_of(parent: int) -> set[int]:
    """Return the processes that a process started."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
        except OSError:  # ended meanwhile
            continue
        if lines.get("PPid") == str(parent):
            found.add(int(status.parent.name))
    return found
