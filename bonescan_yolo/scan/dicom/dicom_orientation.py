r"""Which way up a DICOM image is, and how to turn it so that the head is up.

Patient Orientation (PS3.3, C.7.6.1.1.1) names where rows and columns lead to: `L\F` is the usual picture, its columns
lead to the feet. Image Orientation (PS3.3, C.7.6.2.1.1) gives the same as direction cosines, whose third is positive
towards the head. A picture that is mirrored left to right stays so.
"""

from __future__ import annotations

from pydicom.dataset import Dataset

from bonescan_yolo.scan.dicom.dicom_values import numbers, texts

UPSIDE_DOWN, HEAD_LEFT, HEAD_RIGHT = 180, 90, 270
"""Degrees clockwise that bring the head up."""

_NEARLY_ONE = 0.9
"""Least cosine of a direction along the body; a standard view has 1."""


def turn_of(dataset: Dataset) -> int:
    """Return the degrees clockwise, 0, 90, 180 or 270, by which to turn the image so that the head is up.

    0 also if the file does not say, or if what it says is not a direction along the body.
    """
    return _turn_by_letters(texts(dataset, "PatientOrientation")) or _turn_by_cosines(dataset)


def _turn_by_letters(directions: list[str]) -> int:
    """Return the turn by Patient Orientation: the letters of where a row leads to, and of where a column does."""
    if len(directions) != 2:
        return 0
    row, column = (direction[:1].upper() for direction in directions)
    if column in "FH" and column:
        return UPSIDE_DOWN if column == "H" else 0
    return {"F": HEAD_LEFT, "H": HEAD_RIGHT}.get(row, 0)


def _turn_by_cosines(dataset: Dataset) -> int:
    """Return the turn by Image Orientation, which planar nuclear medicine states per detector if at all."""
    detectors = list(dataset.get("DetectorInformationSequence") or ())
    found = [cosines for item in (dataset, *detectors) if len(cosines := numbers(item, "ImageOrientationPatient")) == 6]
    if not found:
        return 0
    row, column = found[0][2], found[0][5]
    if column >= _NEARLY_ONE:
        return UPSIDE_DOWN
    if row <= -_NEARLY_ONE:
        return HEAD_LEFT
    return HEAD_RIGHT if row >= _NEARLY_ONE else 0
