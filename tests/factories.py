"""Small makers of what the tests read: scans with known hot spots, DICOM files, and a network whose answer is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence as DicomSequence
from pydicom.uid import ExplicitVRLittleEndian, NuclearMedicineImageStorage, generate_uid

from bonescan_yolo.dataset.yolo_labels import format_labels
from bonescan_yolo.model.card import METADATA_KEY, ModelCard

WIDTH, HEIGHT = 256, 1024
CELL = 16
"""Side of the cells the network below looks at, and of the hot spots, in pixels."""

BODY_GREY = 30
SPOTS = ((2, 10), (4, 30), (12, 20))
"""Column and row of the hot cells; the first two are on the left, so the network calls them abnormal."""

SPOT_GREYS = (250, 200, 150)


def spot_box(cell: tuple[int, int]) -> list[float]:
    """Return x1 y1 x2 y2 of a hot cell in a 256 x 1024 scan."""
    column, row = cell
    return [CELL * column, CELL * row, CELL * (column + 1), CELL * (row + 1)]


SPOT_BOXES = [spot_box(cell) for cell in SPOTS]
SPOT_CLASSES = [0, 0, 1]
SPOT_CONFIDENCES = [grey / 255 for grey in SPOT_GREYS]


def grey_scan(spots: Sequence[tuple[int, int]] = SPOTS, greys: Sequence[int] = SPOT_GREYS) -> NDArray[np.uint8]:
    """Return (1024, 256) uint8: an elliptic body with square hot spots."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    body = ((columns - 128) / 60) ** 2 + ((rows - 480) / 400) ** 2 < 1
    scan = np.where(body, BODY_GREY, 0).astype(np.uint8)
    for (column, row), grey in zip(spots, greys, strict=True):
        scan[CELL * row : CELL * (row + 1), CELL * column : CELL * (column + 1)] = grey
    return scan


def count_scan(body: int = 100, spot: int = 1000) -> NDArray[np.uint16]:
    """Return (1024, 256) uint16 counts; shown, the body has grey level 40 and the hot spots 255."""
    grey = grey_scan()
    counts = np.where(grey > BODY_GREY, spot, np.where(grey > 0, body, 0))
    return counts.astype(np.uint16)


def save(path: Path, pixels: NDArray[Any], **options: Any) -> Path:
    """Write an array as a picture, whose format follows from the suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return path


def nm_dataset(
    frames: Sequence[NDArray[np.uint16]],
    views: Sequence[str] = (),
    *,
    photometric: str = "MONOCHROME2",
    spacing: tuple[float, float] | None = (2.26, 2.26),
    windows: Sequence[tuple[float, float]] = (),
    window_vector: Sequence[int] = (),
) -> FileDataset:
    """Return a planar NM image (PS3.3, A.5) of 16 bit frames, ready to be changed and saved.

    `views` gives a detector with that view code for each frame, as a camera with two heads writes it.
    """
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = NuclearMedicineImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=["bonescan"])
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID = meta.MediaStorageSOPClassUID
    dataset.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    dataset.Modality = "NM"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "WHOLE BODY", "EMISSION"]
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = photometric
    dataset.NumberOfFrames = len(frames)
    dataset.Rows, dataset.Columns = frames[0].shape
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 16, 15
    dataset.PixelRepresentation = 0
    if spacing is not None:
        dataset.PixelSpacing = list(spacing)
    if views:
        dataset.DetectorVector = list(range(1, len(frames) + 1))
        dataset.DetectorInformationSequence = DicomSequence([_detector(view) for view in views])
    if windows:
        dataset.EnergyWindowInformationSequence = DicomSequence([_window(*limits) for limits in windows])
        dataset.EnergyWindowVector = list(window_vector)
    dataset.PixelData = np.stack(frames).astype("<u2").tobytes()
    return dataset


def _detector(view: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "x", "SCT", view
    detector = Dataset()
    detector.ViewCodeSequence = DicomSequence([code])
    return detector


def _window(lower: float, upper: float) -> Dataset:
    limits = Dataset()
    limits.EnergyWindowLowerLimit, limits.EnergyWindowUpperLimit = lower, upper
    window = Dataset()
    window.EnergyWindowRangeSequence = DicomSequence([limits])
    return window


def save_dicom(path: Path, dataset: FileDataset) -> Path:
    """Write a DICOM file."""
    dataset.save_as(path, enforce_file_format=True)
    return path


def card_metadata(card: ModelCard | None = None) -> dict[str, str]:
    """Return the metadata of a model of this project."""
    card = card or ModelCard(trained_on="squares")
    return {METADATA_KEY: card.to_json(), "names": "{0: 'abnormal', 1: 'normal'}"}


def make_model(metadata: Mapping[str, str], input_height: int = HEIGHT, input_width: int = WIDTH) -> bytes:
    """Return an ONNX file that answers like a YOLOv8 of this project, with an answer known beforehand.

    The input is averaged over cells of 16 pixels. Each cell is a box whose better score is its mean grey level over
    255: abnormal in the left half of the input, normal in the right half; the other score is half of it. A second
    box a cell lies one pixel to the right with nine tenths of the scores, for non-maximum suppression to remove.
    """
    rows, columns = input_height // CELL, input_width // CELL
    top, left = np.mgrid[:rows, :columns].reshape(2, -1) * CELL
    boxes = np.stack([left + CELL / 2, top + CELL / 2, np.full_like(left, CELL), np.full_like(left, CELL)])
    shifted = boxes + np.array([[1], [0], [0], [0]])
    is_left = left < input_width // 2
    weights = np.stack([np.where(is_left, 1, 0.5), np.where(is_left, 0.5, 1)])
    constants = {
        "boxes": np.concatenate([boxes, shifted], axis=1)[None],
        "weights": np.concatenate([weights, 0.9 * weights], axis=1)[None],
    }
    nodes = [
        helper.make_node("AveragePool", ["images"], ["cells"], kernel_shape=[CELL, CELL], strides=[CELL, CELL]),
        helper.make_node("Reshape", ["cells", "row"], ["once"]),
        helper.make_node("Concat", ["once", "once"], ["twice"], axis=2),
        helper.make_node("Mul", ["twice", "weights"], ["scores"]),
        helper.make_node("Concat", ["boxes", "scores"], ["output0"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "cells",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 1, input_height, input_width])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, [1, 6, 2 * rows * columns])],
        [
            *(numpy_helper.from_array(values.astype(np.float32), name) for name, values in constants.items()),
            numpy_helper.from_array(np.array([1, 1, -1], dtype=np.int64), "row"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 12)], ir_version=8)
    helper.set_model_props(model, dict(metadata))
    onnx.checker.check_model(model)
    return model.SerializeToString()


def make_dataset(folder: Path) -> Path:
    """Write a converted data set of four scans of three patients; return its dataset.yaml."""
    names = {"train": ("1_anterior", "1_posterior"), "val": ("2_anterior",), "test": ("3_posterior",)}
    text = format_labels(np.array(SPOT_BOXES, dtype=np.float32), np.array(SPOT_CLASSES), WIDTH, HEIGHT)
    for split, stems in names.items():
        for stem in stems:
            save(folder / "images" / split / f"{stem}.png", grey_scan())
            label = folder / "labels" / split / f"{stem}.txt"
            label.parent.mkdir(parents=True, exist_ok=True)
            label.write_text(text, encoding="utf-8")
    yaml = folder / "dataset.yaml"
    splits = "".join(f"{split}: images/{split}\n" for split in names)
    yaml.write_text(f"{splits}names:\n  0: abnormal\n  1: normal\nchannels: 1\n", encoding="utf-8")
    return yaml
