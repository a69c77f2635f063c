"""What a checkpoint of Ultralytics may hold: the classes, the functions, and what may be in them.

The rules are for what `weights_pickle` has read, so nothing of the file has run when they are applied.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Final

from bonescan_yolo.model.weights_pickle import (
    Built,
    ForeignPartError,
    InertUnpickler,
    Named,
    PickleRefusedError,
    Storage,
)

ELEMENT_BYTES: Final = {
    "torch.FloatStorage": 4,
    "torch.HalfStorage": 2,
    "torch.BFloat16Storage": 2,
    "torch.DoubleStorage": 8,
    "torch.LongStorage": 8,
    "torch.IntStorage": 4,
    "torch.ShortStorage": 2,
    "torch.CharStorage": 1,
    "torch.ByteStorage": 1,
    "torch.BoolStorage": 1,
}
"""Bytes of one element, by the class of the storage."""

TENSOR, PARAMETER, ORDERED_DICT = (
    "torch._utils._rebuild_tensor_v2",
    "torch._utils._rebuild_parameter",
    "collections.OrderedDict",
)

SETTINGS: Final = frozenset(
    {"ultralytics.utils.IterableSimpleNamespace", "ultralytics.yolo.utils.IterableSimpleNamespace"}
)
"""The class of Ultralytics' settings, which is called without arguments and then filled."""

FUNCTIONS: Final = frozenset(
    {
        *SETTINGS,
        TENSOR,
        PARAMETER,
        ORDERED_DICT,
        "__builtin__.set",  # Python 2's name, which protocol 2 writes
        "torch.Size",
        "torch.device",
        "_codecs.encode",  # bytes
        "numpy.dtype",
        "numpy.core.multiarray.scalar",
        "numpy._core.multiarray.scalar",
        *(
            f"{module}.{name}"
            for module in ("pathlib", "pathlib._local")
            for name in ("PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath")
        ),
    }
)
"""What a checkpoint calls. None of them opens a file, starts a process or looks up a name."""

MODULE_CLASS: Final = re.compile(
    r"torch\.nn\.modules\.(activation|batchnorm|container|conv|dropout|linear|loss|normalization|padding|pooling|upsampling)"
    r"\.[A-Z]\w*"
    r"|ultralytics\.nn\.modules\.(activation|block|conv|head|transformer|utils)\.[A-Z]\w*"
    r"|ultralytics\.nn\.tasks\.(Detection|Segmentation|Pose|OBB|Classification|YOLOv10Detection)Model",
    re.ASCII,
)
"""Layers and networks."""

CLASS: Final = re.compile(
    rf"{MODULE_CLASS.pattern}|ultralytics\.utils\.(loss|tal)\.\w+",
    re.ASCII,
)
"""Also losses of training."""

CONSTANT: Final = re.compile(r"torch\.(float|bfloat|int|uint|half|double|long|short|bool)\d*", re.ASCII)
"""Types of elements: the only names that may be a value of something."""

NUMBER_TYPE: Final = re.compile(r"[biufc][1248]|c16", re.ASCII)
"""Of a single numpy number."""

LOSS: Final = "criterion"
"""The one attribute that holds a module beside its sub-modules."""

MOST_DEPTH: Final = 100
"""Levels of objects in each other. The shipped weights have 26."""

MOST_PARTS: Final = 2_000_000
"""Of everything, with what occurs several times counted each time: a few references can stand for billions of parts."""

MOST_TIMES_STORED: Final = 2
"""How often each stored number may be in a tensor, on average: tensors can be many views of one small memory."""


def require_checkpoint(pickled: bytes, storage_bytes: Mapping[str, int]) -> None:
    """Check that what a pickle would build is a checkpoint of Ultralytics: only its classes, and nothing that can run.

    Args:
        pickled: the pickle.
        storage_bytes: sizes of the files with the tensors' memory, by name.

    Raises:
        PickleRefusedError: it is damaged, or holds something else; the message names it.
    """
    reader = InertUnpickler(pickled)
    content = reader.load()
    for name in sorted(reader.names):
        if not (name in FUNCTIONS or name in ELEMENT_BYTES or CLASS.fullmatch(name) or CONSTANT.fullmatch(name)):
            raise ForeignPartError(f"it uses `{name}`, which is not part of YOLO weights")
    for built in reader.built:  # also those that are not part of the result: they would be called all the same
        _require_known(built)
    for storage in reader.storages:
        _require_stored(storage, storage_bytes)
    if not isinstance(content, dict):
        raise PickleRefusedError("it holds no dictionary with a `model`")
    _require_bounded(content)
    elements = sum(_elements_of(built) for built in reader.built if built.name == TENSOR)
    if elements > MOST_TIMES_STORED * sum(storage_bytes.values()):
        raise PickleRefusedError("its tensors are larger than the file")
    if not any(_is_module(content.get(key)) for key in ("model", "ema")):
        raise PickleRefusedError("it holds no network under `model` or `ema`")


def _require_bounded(content: object) -> None:
    """Check how deep and how often parts are in each other.

    Raises:
        PickleRefusedError: the parts are nested too deep, hold themselves, or stand for too many.
    """
    depths: dict[int, int] = {}
    sizes: dict[int, int] = {}
    open_parts: set[int] = set()
    waiting: list[tuple[object, bool]] = [(content, False)]
    while waiting:
        part, is_left = waiting.pop()
        key = id(part)
        children = [child for child in _children(part) if isinstance(child, (list, tuple, dict, Built, Named, Storage))]
        if is_left:
            open_parts.discard(key)
            depths[key] = 1 + max((depths[id(child)] for child in children), default=0)
            sizes[key] = 1 + sum(sizes[id(child)] for child in children) + _leaves(part)
            if depths[key] > MOST_DEPTH:
                raise PickleRefusedError(f"its parts are nested more than {MOST_DEPTH} deep")
            if sizes[key] > MOST_PARTS:
                raise PickleRefusedError("its parts refer to each other too often")
        elif key in open_parts:
            raise PickleRefusedError("a part of it holds itself")
        elif key not in sizes:
            open_parts.add(key)
            waiting.append((part, True))
            waiting += [(child, False) for child in children]


def _children(part: object) -> Iterable[object]:
    """Return what is directly in a part."""
    if isinstance(part, dict):
        return part.values()
    if isinstance(part, (list, tuple)):
        return part
    if isinstance(part, Built):
        return (*part.arguments, *part.states, *part.items.values())
    return ()


def _leaves(part: object) -> int:
    """Return how many parts without parts are in a part."""
    return sum(1 for child in _children(part) if not isinstance(child, (list, tuple, dict, Built, Named, Storage)))


def _is_module(part: object) -> bool:
    return isinstance(part, Built) and not part.called and MODULE_CLASS.fullmatch(part.name) is not None


def _require_known(part: Built) -> None:
    """Check one object or call.

    Raises:
        PickleRefusedError: its class or function is not one of a checkpoint, or it holds something that can run.
    """
    known = part.name in FUNCTIONS if part.called else CLASS.fullmatch(part.name)
    if not known:
        what = "calls" if part.called else "holds an object of"
        raise ForeignPartError(f"it {what} `{part.name}`, which is not part of YOLO weights")
    if part.called:
        _require_plain_call(part)
    elif part.arguments or part.items or not all(isinstance(state, dict) for state in part.states):
        raise PickleRefusedError(f"its `{part.name}` is not stored as Ultralytics stores it")
    for state in part.states:
        _require_plain_state(part.name, state)


def _require_plain_call(part: Built) -> None:
    """Check that a call gets no functions and no hooks, and that only what Ultralytics stores is put in its result."""
    may_have_state = part.name in (ORDERED_DICT, "numpy.dtype", *SETTINGS)
    if (part.states and not may_have_state) or (part.items and part.name != ORDERED_DICT):
        raise ForeignPartError(f"its call of `{part.name}` is not one of a checkpoint")
    if not _is_usual(part.name, part.arguments):
        raise ForeignPartError(f"its call of `{part.name}` is not one of a checkpoint")
    for value in _children(part):
        if isinstance(value, Named) and not CONSTANT.fullmatch(value.name):
            raise ForeignPartError(f"it holds `{value.name}`, which is not part of YOLO weights")
        if part.name in (TENSOR, PARAMETER) and _is_ordered(value) and _holds_something(value):
            raise ForeignPartError("a tensor of it has hooks: code to run")


def _is_usual(name: str, arguments: tuple[object, ...]) -> bool:
    """Return whether a function gets arguments that Ultralytics stores: others may take for ever, or much memory."""
    match name, arguments:
        case "__builtin__.set", ([*members],):
            usual = all(isinstance(member, (str, int)) for member in members)
        case "numpy.dtype", (str() as kind, bool(), bool()):
            usual = NUMBER_TYPE.fullmatch(kind) is not None
        case "torch.Size", ((*sides,),):
            usual = all(isinstance(side, int) for side in sides)
        case (
            ("_codecs.encode", (str(), "latin1"))
            | ("numpy.core.multiarray.scalar" | "numpy._core.multiarray.scalar", (Built(), Built()))
            | ("torch._utils._rebuild_parameter", (Built(), bool(), Built()))
            | ("torch._utils._rebuild_tensor_v2", _)  # see `_elements_of`
            | ("collections.OrderedDict", ())
            | ("ultralytics.utils.IterableSimpleNamespace" | "ultralytics.yolo.utils.IterableSimpleNamespace", ())
        ):
            usual = True
        case _:
            usual = name.startswith(("pathlib.", "torch.device")) and all(isinstance(part, str) for part in arguments)
    return usual


def _require_plain_state(name: str, state: object) -> None:
    """Check what is set in an object: no hooks, no functions or classes, no module where a method would be."""
    if not isinstance(state, dict):
        return
    for key, value in state.items():
        if not isinstance(key, str) or key.startswith("__"):
            raise PickleRefusedError(f"its `{name}` is not stored as Ultralytics stores it")
        if "hook" in key and _holds_something(value):
            raise ForeignPartError(f"its `{name}` has hooks: code to run")
        if isinstance(value, Named) and not CONSTANT.fullmatch(value.name):
            raise ForeignPartError(f"its `{name}` holds `{value.name}`, which is not part of YOLO weights")
        if _is_module(value) and key != LOSS:
            raise ForeignPartError(f"its `{name}` has a layer in place of its own `{key}`")


def _is_ordered(value: object) -> bool:
    return isinstance(value, Built) and value.name == ORDERED_DICT


def _holds_something(value: object) -> bool:
    """Return whether hooks are anything but missing, a switch or empty."""
    if isinstance(value, Built):
        return value.name != ORDERED_DICT or bool(value.arguments or value.items or value.states)
    return not (value is None or isinstance(value, bool) or value in ({}, (), []))


def _elements_of(tensor: Built) -> int:
    """Return how many numbers a tensor has.

    Raises:
        PickleRefusedError: it reaches beyond its memory.
    """
    match tensor.arguments:
        case (Storage() as storage, int() as offset, tuple() as shape, tuple() as strides, bool(), *_) if len(
            shape
        ) == len(strides) and all(isinstance(side, int) and side >= 0 for side in (offset, *shape, *strides)):
            count = math.prod(shape)
            last = offset + sum((side - 1) * stride for side, stride in zip(shape, strides, strict=True))
            if count and (count > storage.elements or last >= storage.elements):
                raise PickleRefusedError("a tensor of it reaches beyond its memory")
            return int(count)
    raise PickleRefusedError("a tensor of it is damaged")


def _require_stored(storage: Storage, storage_bytes: Mapping[str, int]) -> None:
    """Check that a tensor's memory is of a known kind and as large as its file."""
    size = ELEMENT_BYTES.get(storage.kind)
    if size is None:
        raise ForeignPartError(f"it holds numbers in a `{storage.kind}`, which is not part of YOLO weights")
    if storage_bytes.get(storage.key) != storage.elements * size:
        raise PickleRefusedError("the memory of a tensor is missing or cut short")
