"""Opening a .pt file: checked without running anything in it, then loaded by Ultralytics.

A .pt file is a zip with a pickle, and a pickle can call any function. `require_weights` reads it without calling any
(`weights_pickle`) and compares it with what checkpoints of Ultralytics hold (`weights_classes`). Ultralytics then loads
it with its own allow-list, a second one (`ultralytics_setup.SAFE_LOAD`).
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any, Final

from bonescan_yolo.errors import ModelError
from bonescan_yolo.model.weights_classes import require_checkpoint
from bonescan_yolo.model.weights_pickle import MOST_PICKLE_BYTES, ForeignPartError, PickleRefusedError
from bonescan_yolo.third_party.ultralytics_setup import prepare_ultralytics, trust_every_class

MOST_FILE_BYTES: Final = 4 << 30
"""A yolov8x with the state of its training has 0.8 GB."""

MOST_MEMBERS: Final = 65_000
"""Files in the zip, one for each tensor. A yolov8n has 365."""

PICKLE: Final = "data.pkl"
STORAGE: Final = re.compile(r"data/(?P<key>\d{1,9})", re.ASCII)
OTHER_MEMBERS: Final = frozenset(
    {"version", "byteorder", ".format_version", ".storage_alignment", ".data/serialization_id"}
)

ENCRYPTED: Final = 0x1
"""Bit of a zip member's flags."""


def require_weights(path: Path, trust: bool = False) -> None:
    """Check that a .pt file is a checkpoint of Ultralytics and holds no code; runs nothing of it.

    Args:
        path: of the file.
        trust: whether the user trusts the file, so that only its existence is checked.

    Raises:
        ModelError: it is missing or no regular file, is damaged, or holds something that no checkpoint holds.
    """
    if not path.is_file():
        wrong = "is not a file" if path.exists() else "does not exist"
        raise ModelError(f"{path}: {wrong}; train first (`make train`) or give a .pt file")
    if trust:
        return
    try:
        require_checkpoint(*_read(path))
    except PickleRefusedError as error:
        remedy = "train it again, or see `--trust`" if isinstance(error, ForeignPartError) else "train it again"
        raise ModelError(f"{path}: is not a YOLO .pt file that can be loaded, since {error}; {remedy}") from error


def load_weights(path: Path, trust: bool = False) -> tuple[Any, dict[str, Any]]:
    """Return the network of a .pt file, in float32 and in inference mode, and the rest of the checkpoint.

    Args:
        path: of the file.
        trust: whether the user trusts the file, so that it may hold any class and run any code.

    Raises:
        ModelError: see `require_weights`; or Ultralytics cannot load it.
    """
    require_weights(path, trust)
    prepare_ultralytics()
    if trust:
        trust_every_class()
    from ultralytics.nn.tasks import load_checkpoint

    try:
        model, checkpoint = load_checkpoint(str(path))
    except Exception as error:  # pickle, zipfile, torch and Ultralytics each raise their own
        raise ModelError(f"{path}: is not a YOLO .pt file that can be loaded; train it again") from error
    return model, checkpoint


def _read(path: Path) -> tuple[bytes, dict[str, int]]:
    """Return the pickle of a .pt file, and the sizes of its tensors' memory by name."""
    try:
        size = path.stat().st_size
        if size > MOST_FILE_BYTES:
            raise PickleRefusedError(f"it has more than {MOST_FILE_BYTES >> 30} GB")
        with zipfile.ZipFile(path) as file:
            members = _members(file, size)
            pickled = file.read(members[PICKLE])
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, EOFError, OverflowError) as error:
        raise PickleRefusedError("it is not a zip that `torch.save` wrote, or is damaged") from error
    except OSError as error:
        raise PickleRefusedError(f"it cannot be read ({(error.strerror or 'damaged').lower()})") from error
    storage_bytes = {
        found["key"]: member.file_size for name, member in members.items() if (found := STORAGE.fullmatch(name))
    }
    return pickled, storage_bytes


def _members(file: zipfile.ZipFile, size: int) -> dict[str, zipfile.ZipInfo]:
    """Return the members of a zip by their names below its only folder.

    Zips can be read in two ways: with a name twice, or with something before their beginning. Torch must read what was
    checked, so only zips as `torch.save` writes them are accepted.

    Raises:
        PickleRefusedError: it is another kind of zip.
    """
    entries = file.infolist()
    if not 0 < len(entries) <= MOST_MEMBERS or file.comment or min(entry.header_offset for entry in entries) != 0:
        raise PickleRefusedError("it is a zip of another kind")
    folder = entries[0].filename.partition("/")[0]
    members = {entry.filename.removeprefix(f"{folder}/"): entry for entry in entries}
    if len({name.lower() for name in members}) != len(entries) or PICKLE not in members:
        raise PickleRefusedError("it is a zip of another kind")
    for name, entry in members.items():
        plain = entry.compress_type == zipfile.ZIP_STORED and entry.file_size == entry.compress_size
        if not plain or entry.flag_bits & ENCRYPTED:
            raise PickleRefusedError("it is a packed zip, and `torch.save` does not pack")
        if entry.filename != f"{folder}/{name}" or not (
            name == PICKLE or name in OTHER_MEMBERS or STORAGE.fullmatch(name)
        ):
            raise PickleRefusedError(f"it holds `{name}`, which is not part of YOLO weights")
    if sum(entry.file_size for entry in entries) > size or members[PICKLE].file_size > MOST_PICKLE_BYTES:
        raise PickleRefusedError("it is larger inside than outside, or its pickle is too large")
    return members
