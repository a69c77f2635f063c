"""Files of weights: no code in them runs, whatever they hold, and each refusal is one line that says why."""

from __future__ import annotations

import collections
import copy
import functools
import io
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from bonescan_yolo.errors import ModelError
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.torch_network import load_network
from bonescan_yolo.model.weights_file import load_weights, require_weights
from bonescan_yolo.model.weights_writer import checkpoint_bytes
from bonescan_yolo.regions.region_head import region_head_of
from bonescan_yolo.third_party.ultralytics_setup import prepare_ultralytics
from tests.export.factories import save_weights, save_weights_with_bones
from tests.fuzz.weights_files import read_members, rewrite, write_members

prepare_ultralytics()

SHIPPED = Path(__file__).parents[2] / "weights" / "bonescan.pt"


class Calls:
    """Pickled as the call of a function."""

    def __init__(self, function: Callable[..., Any], *arguments: object) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[object, ...]]:
        return self.call


class WithState(Calls):
    """Pickled as the call of a function, and a state for its result."""

    def __reduce__(self) -> Any:
        return *self.call, {"x": 1}


@functools.cache
def plain_network() -> Any:
    from ultralytics.nn.tasks import DetectionModel

    return DetectionModel("yolov8n.yaml", ch=1, nc=2, verbose=False)


def network(**changes: Any) -> Any:
    """An untrained network whose attributes are changed without a word from torch."""
    model = copy.copy(plain_network())
    model.__dict__ = {**model.__dict__, **changes}
    return model


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


def doubled(levels: int) -> tuple[Any, ...]:
    value: tuple[Any, ...] = ()
    for _ in range(levels):
        value = (value, value)
    return value


def itself() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


def views_of(numbers: torch.Tensor) -> list[torch.Tensor]:
    return [numbers[start:] for start in range(99)]


def hooked() -> Any:
    model = network()
    model.__dict__["_forward_hooks"] = {0: print}
    return model


CODE: dict[str, tuple[Callable[[Path], Any], str]] = {
    "a command": (lambda mark: Calls(os.system, f"touch {mark}"), "it uses `posix.system`"),
    "eval": (lambda mark: Calls(eval, f"open({str(mark)!r}, 'w')"), "it uses `__builtin__.eval`"),
    "exec": (lambda mark: Calls(exec, f"open({str(mark)!r}, 'w')"), "it uses `__builtin__.exec`"),
    "getattr": (lambda _: Calls(getattr, Path, "unlink"), "it uses `"),
    "an import alone": (lambda _: {"model": os.system}, "it uses `posix.system`"),
    "open": (lambda mark: Calls(open, str(mark), "w"), "it uses `"),
    "a pickle in the pickle": (lambda _: torch.zeros(1).untyped_storage(), "it uses `torch.storage"),
    "bytes loaded again": (lambda _: Calls(torch.storage._load_from_bytes, b"x"), "`torch.storage._load_from_bytes`"),
    "hidden in the network": (lambda mark: network(yaml=Calls(os.system, f"touch {mark}")), "`posix.system`"),
    "a call whose result is lost": (
        lambda mark: collections.OrderedDict(x=Calls(os.system, f"touch {mark}")),
        "`posix.system`",
    ),
    "a hook": (lambda _: hooked(), "it uses `__builtin__.print`"),
    "a class built by its constructor": (
        lambda _: Calls(torch.nn.Conv2d, 1, 1, 1),
        "calls `torch.nn.modules.conv.Conv2d`",
    ),
    "a network built by its constructor": (
        lambda _: Calls(type(network()), "http://localhost/x.yaml"),
        "calls `ultralytics.nn.tasks.DetectionModel`",
    ),
    "a layer in place of a method": (
        lambda _: network(forward=torch.nn.SiLU()),
        "a layer in place of its own `forward`",
    ),
    "a class as a value": (lambda _: network(act=torch.nn.SiLU), "holds `torch.nn.modules.activation.SiLU`"),
    "a codec": (lambda _: {"model": network(), "x": Calls(__import__("_codecs").encode, "x", "bz2")}, "_codecs.encode"),
}


def save(content: Any, path: Path) -> Path:
    torch.save(content, path)
    return path


def refusal(path: Path, **options: bool) -> str:
    """Return the message for a file that is refused, which is one line."""
    with pytest.raises(ModelError) as caught:
        load_weights(path, **options)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    assert len(message) < len(str(path)) + 250
    return message


@pytest.mark.parametrize("kind", CODE)
@pytest.mark.parametrize("is_whole", [True, False])
def test_code_is_refused_by_its_name_and_does_not_run(tmp_path: Path, kind: str, is_whole: bool) -> None:
    make, message = CODE[kind]
    mark = tmp_path / "pwned"
    bad = make(mark)
    path = save(bad if is_whole else {"model": network(), "train_args": {}, "x": bad}, tmp_path / "x.pt")
    assert message in refusal(path)
    assert not mark.exists()


def test_what_the_user_trusts_is_loaded_all_the_same(tmp_path: Path) -> None:
    """In a process of its own, which stays without Ultralytics' allow-list."""
    import subprocess
    import sys

    mark = tmp_path / "ran"
    path = save({"model": network(), "x": Calls(os.system, f"touch {mark}")}, tmp_path / "x.pt")
    code = (
        "from pathlib import Path; from bonescan_yolo.model.weights_file import load_weights; "
        f"print(type(load_weights(Path({str(path)!r}), trust=True)[0]).__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "DetectionModel\n", done.stderr
    assert mark.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is not a zip"),
        (b"not weights", "it is not a zip"),
        (pickle.dumps({"model": 1}), "it is not a zip"),
        (pickle.dumps(Calls(os.system, "false"), protocol=2), "it is not a zip"),
        (bytes(10_000), "it is not a zip"),
        (b"PK\x05\x06" + bytes(18), "a zip of another kind"),
        (SHIPPED.read_bytes()[:100_000], "it is not a zip"),
        (SHIPPED.read_bytes()[:-1], "it is not a zip"),
        (b"x" + SHIPPED.read_bytes(), "a zip of another kind"),
    ],
)
def test_files_that_are_no_weights(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "x.pt"
    path.write_bytes(content)
    assert message in refusal(path)


def test_torch_s_old_format_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "old.pt"
    torch.save({"model": network()}, path, _use_new_zipfile_serialization=False)
    assert "it is not a zip that `torch.save` wrote" in refusal(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "no dictionary"),
        ({}, "no network"),
        ({"model": "yolov8n"}, "no network"),
        ({"model": {"a": torch.zeros(2)}}, "no network"),
        (network().state_dict(), "no dictionary"),
        ({"model": network(), "x": nested(150)}, "nested more than 100 deep"),
        ({"model": network(), "x": doubled(30)}, "refer to each other too often"),
        ({"model": network(), "x": itself()}, "holds itself"),
        ({"model": network(), "x": {(1, 2): 3}}, "keys that are neither texts"),
        ({"model": network(), "x": torch.zeros(1).expand(10**12)}, "reaches beyond its memory"),
        ({"model": network(), "x": views_of(torch.zeros(10**6))}, "larger than the file"),
    ],
)
def test_zips_of_torch_that_are_no_checkpoint(tmp_path: Path, content: Any, message: str) -> None:
    assert message in refusal(save(content, tmp_path / "x.pt"))


def members_with(change: Callable[[dict[str, bytes]], Any], compression: int = zipfile.ZIP_STORED) -> bytes:
    members = read_members(SHIPPED.read_bytes())
    change(members)
    return write_members(members, compression)


def twice(data: bytes) -> bytes:
    """The shipped file with a second pickle of the same name, which other readers of zips may take."""
    buffer = io.BytesIO(data)
    with zipfile.ZipFile(buffer, "a") as file:
        file.writestr("archive/DATA.pkl", b"x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: members_with(lambda files: files.pop("archive/data/7")), "memory of a tensor is missing"),
        (lambda: members_with(lambda files: files.update({"archive/data/7": b"xx"})), "memory of a tensor is missing"),
        (lambda: members_with(lambda files: files.pop("archive/data.pkl")), "a zip of another kind"),
        (lambda: members_with(lambda files: files.update({"archive/constants.pkl": b"x"})), "holds `constants.pkl`"),
        (lambda: members_with(lambda files: files.update({"archive/code/x.py": b"x"})), "holds `code/x.py`"),
        (lambda: members_with(lambda files: files.update({"../x": b"x"})), "x`, which is not part"),
        (lambda: members_with(lambda _: None, zipfile.ZIP_DEFLATED), "a packed zip"),
        (lambda: members_with(lambda files: files.update({"archive/data/0": bytes(10**8)}), 8), "a packed zip"),
        (lambda: twice(SHIPPED.read_bytes()), "a zip of another kind"),
        (
            lambda: rewrite(SHIPPED.read_bytes(), lambda _: b"\x80\x02" + b"]" * 3_000_000 + b"."),
            "too many instructions",
        ),
        (lambda: rewrite(SHIPPED.read_bytes(), lambda _: bytes(9 << 20)), "pickle is too large"),
        (lambda: rewrite(SHIPPED.read_bytes(), lambda data: data[:500]), "cut short"),
        (lambda: rewrite(SHIPPED.read_bytes(), lambda _: pickle.dumps({}, protocol=4)), "not one of `torch.save`"),
        (lambda: rewrite(SHIPPED.read_bytes(), lambda _: pickle.dumps({}, protocol=0)), "not one of `torch.save`"),
    ],
)
def test_zips_that_torch_did_not_write(tmp_path: Path, make: Callable[[], bytes], message: str) -> None:
    path = tmp_path / "x.pt"
    path.write_bytes(make())
    assert message in refusal(path)


def test_places_that_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pt")
    (tmp_path / "zero.pt").symlink_to("/dev/zero")
    (tmp_path / "folder.pt").mkdir()
    (tmp_path / "itself.pt").symlink_to("itself.pt")
    for name in ("pipe", "zero", "folder"):
        assert "is not a file" in refusal(tmp_path / f"{name}.pt")
        assert "is not a file" in refusal(tmp_path / f"{name}.pt", trust=True)
    for name in ("itself", "none"):
        assert "does not exist" in refusal(tmp_path / f"{name}.pt")


def test_a_state_may_not_be_set_on_what_a_call_gives(tmp_path: Path) -> None:
    path = save({"model": network(), "x": WithState(set, [1])}, tmp_path / "x.pt")
    assert "its call of `__builtin__.set`" in refusal(path)


def test_the_project_s_own_weights_are_loaded(tmp_path: Path) -> None:
    require_weights(SHIPPED)
    require_weights(save_weights(tmp_path / "made.pt"))
    model, checkpoint = load_weights(SHIPPED)
    assert list(model.names.values()) == ["abnormal", "normal"]
    assert checkpoint["epoch"] == -1


def test_names_of_a_stranger_s_classes_are_cut(tmp_path: Path) -> None:
    path = save_weights(tmp_path / "x.pt", names=tuple(f"{'very ' * 40}{n}" for n in range(30)))
    with pytest.raises(ModelError, match=r"has classes .* and others and 1 channels") as caught:
        load_network(path)
    assert len(str(caught.value)) < 600


def test_what_numpy_and_paths_leave_in_a_checkpoint_is_known(tmp_path: Path) -> None:
    import numpy as np

    extras = {"fitness": np.float64(0.5), "path": Path("x"), "names": {"a", "b"}, "type": torch.float16}
    require_weights(save({"model": network(), **extras}, tmp_path / "x.pt"))


def test_a_head_for_bones_is_kept_in_16_bit_and_allowed(tmp_path: Path) -> None:
    weights = save_weights_with_bones(tmp_path / "best.pt")
    before = region_head_of(load_network(weights))
    (tmp_path / "bonescan.pt").write_bytes(
        checkpoint_bytes(load_weights(weights)[0], {}, ModelCard(trained_on="noise"), "bonescan.pt")
    )
    require_weights(tmp_path / "bonescan.pt")
    stored = region_head_of(torch.load(tmp_path / "bonescan.pt", weights_only=False)["model"])
    after = region_head_of(load_network(tmp_path / "bonescan.pt"))
    assert before is not None
    assert stored is not None
    assert after is not None
    assert next(stored.parameters()).dtype == torch.float16
    for name, values in before.state_dict().items():
        assert torch.equal(after.state_dict()[name], values)
