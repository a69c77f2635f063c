"""Reading the pickle of a .pt file without running it: what it would build becomes plain records.

A pickle is a small program. Python's own reader imports and calls whatever it names. This one imports and calls
nothing: a name stays a `Named`, an object that would be built a `Built`, a tensor's memory a `Storage`. It knows the
instructions that `torch.save` writes (protocol 2) and refuses all others.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

MOST_PICKLE_BYTES: Final = 8 << 20
"""Of the pickle alone. That of a yolov8n has 92 kB; tensors are not in it."""

MOST_INSTRUCTIONS: Final = 2_000_000
"""A yolov8n has 40,000."""


class PickleRefusedError(Exception):
    """The pickle is damaged, or does something that the pickle of a checkpoint does not; the message says what."""


class ForeignPartError(PickleRefusedError):
    """The pickle is sound, but holds what no checkpoint holds; a user who trusts the file may load it all the same."""


@dataclass(frozen=True)
class Named:
    """A class, function or constant that the pickle names.

    Attributes:
        name: module and name, joined by a dot, as written.
    """

    name: str


@dataclass(eq=False)
class Built:
    """An object that the pickle would build, or a call that it would make.

    Attributes:
        name: of its class, or of the function called.
        called: whether `name` is called with `arguments`; otherwise a class is instantiated without its constructor.
        arguments: of the call.
        states: what the pickle would set in it.
        items: what the pickle would put into it, as into a dictionary.
    """

    name: str
    called: bool
    arguments: tuple[object, ...]
    states: list[object] = field(default_factory=list)
    items: dict[object, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Storage:
    """The memory of tensors, in a file of its own beside the pickle.

    Attributes:
        kind: class of the storage, such as `torch.FloatStorage`.
        key: name of its file.
        elements: that it has.
    """

    kind: str
    key: str
    elements: int


class InertUnpickler:
    """Runs a pickle's instructions on records; `load` returns what it would build.

    Attributes:
        names: everything that the pickle would import.
        built: everything that it would build or call, also what is not part of the result.
        storages: every memory of tensors that it refers to.
    """

    def __init__(self, data: bytes) -> None:
        """Take the bytes of a pickle."""
        self.names: set[str] = set()
        self.built: list[Built] = []
        self.storages: list[Storage] = []
        self._data = data
        self._position = 0
        self._stack: list[object] = []
        self._marked: list[list[object]] = []
        self._memo: dict[int, object] = {}

    def load(self) -> object:
        """Return what the pickle would build.

        Raises:
            PickleRefusedError: it is damaged, too large, or has instructions that `torch.save` does not write.
        """
        if len(self._data) > MOST_PICKLE_BYTES:
            raise PickleRefusedError("its pickle is too large")
        if self._data[:2] != b"\x80\x02":
            raise PickleRefusedError("its pickle is not one of `torch.save`")
        self._position = 2
        try:
            return self._run()
        except (IndexError, KeyError, struct.error, UnicodeDecodeError, ValueError, TypeError) as error:
            raise PickleRefusedError("its pickle is damaged") from error

    def _run(self) -> object:
        for _ in range(MOST_INSTRUCTIONS):
            code = self._take(1)
            if code == b".":
                break
            instruction = _INSTRUCTIONS.get(code)
            if instruction is None:
                raise PickleRefusedError(f"its pickle has an instruction of another kind, {code!r}")
            instruction(self)
        else:
            raise PickleRefusedError("its pickle has too many instructions")
        if self._position != len(self._data) or len(self._stack) != 1 or self._marked:
            raise PickleRefusedError("its pickle is damaged")
        return self._stack[0]

    def _take(self, count: int) -> bytes:
        taken = self._data[self._position : self._position + count]
        if len(taken) != count:
            raise PickleRefusedError("its pickle is cut short")
        self._position += count
        return taken

    def _number(self, form: str) -> int:
        (value,) = struct.unpack(form, self._take(struct.calcsize(form)))
        return int(value)

    def _line(self) -> str:
        end = self._data.index(b"\n", self._position)
        text = self._data[self._position : end].decode("ascii")
        self._position = end + 1
        return text

    def _since_mark(self) -> list[object]:
        items, self._stack = self._stack, self._marked.pop()
        return items

    def _push(self, value: object) -> None:
        self._stack.append(value)

    def _mark(self) -> None:
        self._marked.append(self._stack)
        self._stack = []

    def _global(self) -> None:
        module, name = self._line(), self._line()
        self.names.add(f"{module}.{name}")
        self._push(Named(f"{module}.{name}"))

    def _call(self, called: bool) -> None:
        arguments, target = self._stack.pop(), self._stack.pop()
        if not isinstance(target, Named) or not isinstance(arguments, tuple):
            raise PickleRefusedError("its pickle calls what it has built")
        self.built.append(Built(target.name, called, arguments))
        self._push(self.built[-1])

    def _build(self) -> None:
        state, target = self._stack.pop(), self._stack[-1]
        if not isinstance(target, Built):
            raise PickleRefusedError("its pickle changes what it has not built")
        target.states.append(state)

    def _append(self, items: list[object]) -> None:
        target = self._stack[-1]
        if not isinstance(target, list):
            raise PickleRefusedError("its pickle appends to what is not a list")
        target.extend(items)

    def _set_items(self, items: list[object]) -> None:
        target = self._stack[-1]
        if isinstance(target, Built):
            target = target.items
        if not isinstance(target, dict) or len(items) % 2:
            raise PickleRefusedError("its pickle sets items of what is not a dictionary")
        for key, value in zip(items[::2], items[1::2], strict=True):
            if not isinstance(key, (str, int)):  # a tuple of tuples may take for ever to hash
                raise PickleRefusedError("its pickle has keys that are neither texts nor whole numbers")
            target[key] = value

    def _storage(self) -> None:
        match self._stack.pop():
            case ("storage", Named(name=kind), str() as key, str(), int() as elements) if elements >= 0:
                self.storages.append(Storage(kind, key, elements))
                self._push(self.storages[-1])
            case _:
                raise PickleRefusedError("its pickle refers to something outside that is not a tensor's memory")

    def _pack(self, count: int) -> None:
        if len(self._stack) < count:
            raise PickleRefusedError("its pickle is damaged")
        self._stack[-count:] = [tuple(self._stack[-count:])]

    def _text(self) -> None:
        self._push(str(self._take(self._number("<I")), "utf-8"))

    def _long(self) -> None:
        self._push(int.from_bytes(self._take(self._number("<B")), "little", signed=True))

    def _float(self) -> None:
        self._push(struct.unpack(">d", self._take(8))[0])


_INSTRUCTIONS: Final[dict[bytes, Callable[[InertUnpickler], None]]] = {
    b"(": lambda reader: reader._mark(),
    b"c": lambda reader: reader._global(),
    b"R": lambda reader: reader._call(called=True),
    b"\x81": lambda reader: reader._call(called=False),
    b"b": lambda reader: reader._build(),
    b"a": lambda reader: reader._append([reader._stack.pop()]),
    b"e": lambda reader: reader._append(reader._since_mark()),
    b"s": lambda reader: reader._set_items([reader._stack.pop() for _ in range(2)][::-1]),
    b"u": lambda reader: reader._set_items(reader._since_mark()),
    b"Q": lambda reader: reader._storage(),
    b"t": lambda reader: reader._push(tuple(reader._since_mark())),
    b"\x85": lambda reader: reader._pack(1),
    b"\x86": lambda reader: reader._pack(2),
    b"\x87": lambda reader: reader._pack(3),
    b")": lambda reader: reader._push(()),
    b"]": lambda reader: reader._push([]),
    b"}": lambda reader: reader._push({}),
    b"N": lambda reader: reader._push(None),
    b"\x88": lambda reader: reader._push(True),
    b"\x89": lambda reader: reader._push(False),
    b"X": lambda reader: reader._text(),
    b"J": lambda reader: reader._push(reader._number("<i")),
    b"K": lambda reader: reader._push(reader._number("<B")),
    b"M": lambda reader: reader._push(reader._number("<H")),
    b"\x8a": lambda reader: reader._long(),
    b"G": lambda reader: reader._float(),
    b"q": lambda reader: reader._memo.__setitem__(reader._number("<B"), reader._stack[-1]),
    b"r": lambda reader: reader._memo.__setitem__(reader._number("<I"), reader._stack[-1]),
    b"h": lambda reader: reader._push(reader._memo[reader._number("<B")]),
    b"j": lambda reader: reader._push(reader._memo[reader._number("<I")]),
}
"""The instructions of protocol 2 that `torch.save` writes, by their byte."""
