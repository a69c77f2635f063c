"""Opening an ONNX file: what is in it is checked before onnxruntime gets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from numpy.typing import NDArray

from bonescan_yolo.errors import ModelError
from bonescan_yolo.model.onnx_wire import TensorForm, WireError, read_parts
from bonescan_yolo.resources import core_count
from bonescan_yolo.third_party.onnxruntime_setup import disable_onnxruntime_telemetry

if TYPE_CHECKING:
    import onnxruntime

MOST_FILE_BYTES: Final = 1 << 30
"""A yolov8x has 0.3 GB."""

SILENT: Final = 4
"""Level of onnxruntime's logs above which it writes: none, since errors are raised."""

OPERATORS: Final = frozenset(
    b"Abs Add And ArgMax AveragePool Cast Ceil Clip Compress Concat Constant Conv DequantizeLinear Div Equal "
    b"Exp Flatten Floor Gather GatherND Greater Identity If Less MatMul Max MaxPool Min Mul Neg "
    b"NonMaxSuppression NonZero Not Or Pad Pow QuantizeLinear Range ReduceMax ReduceMean ReduceMin ReduceSum Relu "
    b"Reshape Resize Round Shape Sigmoid Slice Softmax Split Sqrt Squeeze Sub TopK Transpose Unsqueeze Where".split()
)
"""Operators that `bonescan export` writes, and their like. None of them repeats a part of the network without end."""


@dataclass(frozen=True, eq=False)
class OnnxFile:
    """A file that was checked and may be run.

    Attributes:
        path: of the file.
        data: its bytes.
        metadata: its entries by key.
        constants: type and shape of its initializers by name.
    """

    path: Path
    data: bytes
    metadata: Mapping[str, str]
    constants: Mapping[str, TensorForm]


@dataclass(frozen=True, eq=False)
class OpenedFile:
    """A session, and the values that it reads with, which have to live as long as it does."""

    session: onnxruntime.InferenceSession
    values: tuple[onnxruntime.OrtValue, ...]


def read_onnx(path: Path) -> OnnxFile:
    """Return an ONNX file, checked.

    Raises:
        ModelError: the file is missing, not an ONNX model, or has parts that no model of this project has.
    """
    data = _read(path)
    try:
        parts = read_parts(data)
    except WireError as error:
        raise ModelError(f"{path}: is not an ONNX model that can be loaded ({error}); export it again") from error
    unknown = parts.operators - OPERATORS
    if unknown:
        name = min(unknown)[:40].decode("utf-8", "replace")
        raise ModelError(f"{path}: has the operator `{name}`, which no model of bonescan_yolo has; export it again")
    try:
        metadata = {key.decode(): value.decode() for key, value in parts.metadata.items()}
    except UnicodeDecodeError as error:
        raise ModelError(f"{path}: its description is damaged; export the model again") from error
    constants = {name.decode("utf-8", "replace"): form for name, form in parts.constants.items()}
    return OnnxFile(path, data, metadata, constants)


def open_session(file: OnnxFile, threads: int, values: Mapping[str, NDArray[Any]]) -> OpenedFile:
    """Return an onnxruntime session on the CPU.

    Args:
        file: a checked file.
        threads: CPU threads; 0 means one per core.
        values: in place of initializers of the file, by name, with their type and shape: onnxruntime checks neither,
            and passes over names that the file has not.

    Raises:
        ModelError: onnxruntime cannot load it.
    """
    disable_onnxruntime_telemetry()
    import onnxruntime

    onnxruntime.set_default_logger_severity(SILENT)  # its memory allocator writes there, not to the session's log
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or core_count()
    options.log_severity_level = SILENT
    options.add_session_config_entry("session.load_model_format", "ONNX")  # what was checked, not onnxruntime's own
    given = {name: onnxruntime.OrtValue.ortvalue_from_numpy(value) for name, value in values.items()}
    for name, value in given.items():
        options.add_initializer(name, value)
    try:
        # without `enable_fallback=0` a failure is tried again, and onnxruntime prints about it
        session = onnxruntime.InferenceSession(
            file.data, options, providers=["CPUExecutionProvider"], enable_fallback=0
        )
    except Exception as error:  # onnxruntime's exceptions share no base class
        raise ModelError(f"{file.path}: is not an ONNX model that can be loaded; export it again") from error
    return OpenedFile(session, tuple(given.values()))


def _read(path: Path) -> bytes:
    """Return the bytes of a regular file of no more than MOST_FILE_BYTES."""
    if not path.is_file():
        wrong = "is a folder" if path.is_dir() else "is not a regular file" if path.exists() else "does not exist"
        raise ModelError(f"{path}: {wrong}; give the path of an ONNX model")
    try:
        if path.stat().st_size > MOST_FILE_BYTES:
            raise ModelError(f"{path}: has more than {MOST_FILE_BYTES >> 30} GB; give the path of an ONNX model")
        return path.read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ModelError(f"{path}: cannot be read ({reason}); check its permissions") from error
