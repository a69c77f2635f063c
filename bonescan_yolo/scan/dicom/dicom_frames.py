"""Frames of a planar DICOM file: which are of the photopeak, and which detector took each (PS3.3, C.8.4.8)."""

from __future__ import annotations

from pydicom.dataset import Dataset

from bonescan_yolo.scan.dicom.dicom_values import numbers, whole_number

TC99M_KEV = 140.5
"""Photon energy of technetium-99m, the label of bone tracers (MIRD decay data)."""


def frame_count_of(dataset: Dataset) -> int:
    """Return the number of frames that a file declares; 1 if it does not say."""
    return max(whole_number(dataset, "NumberOfFrames", 1), 0) or 1


def photopeak_frames(dataset: Dataset, count: int) -> list[int]:
    """Return the indices of the frames in the energy window of technetium-99m; all if the file names no windows.

    A camera may store a scatter window beside the photopeak; its frames are blurred copies, not further views.
    """
    windows = _vector(dataset, "EnergyWindowVector") or [1] * count
    holding_peak = {
        number
        for number, window in enumerate(dataset.get("EnergyWindowInformationSequence") or (), start=1)
        for limits in window.get("EnergyWindowRangeSequence") or ()
        if _holds_peak(limits)
    }
    chosen = [index for index, window in zip(range(count), windows, strict=False) if window in holding_peak]
    return chosen or list(range(count))


def _holds_peak(limits: Dataset) -> bool:
    """Return whether an energy window contains the photopeak of technetium-99m."""
    lower, upper = numbers(limits, "EnergyWindowLowerLimit"), numbers(limits, "EnergyWindowUpperLimit")
    return bool(lower and upper) and lower[0] <= TC99M_KEV <= upper[0]


def detector_number(dataset: Dataset, index: int, frame_count: int, detector_count: int) -> int | None:
    """Return the number, from 1, of the detector that took a frame; None if the file does not say.

    The detector vector has the number, but many files lack it. Without it, the frames of an energy window are still in
    the order of the detectors listed (PS3.3, C.8.4.8.1.1 and C.8.4.8.1.3). If a window has as many frames as there are
    detectors, its frame n is of detector n. Otherwise the detector stays unknown, because the frames may be stored in
    any order; so do frames of several windows without the window vector.

    A vector that counts from 0 is taken as meant. If there is one frame and one detector, they belong together.
    """
    if frame_count == 1 and detector_count == 1:
        return 1  # the vector may still have its number in the file that it was taken from
    vector = _vector(dataset, "DetectorVector")
    if vector:
        first = 0 if _counts_from_0(vector, detector_count) else 1
        return vector[index] - first + 1 if index < len(vector) else None
    windows = _vector(dataset, "EnergyWindowVector") or [1] * frame_count
    if len(windows) != frame_count or index >= frame_count:
        return None
    same_window = [frame for frame, window in enumerate(windows) if window == windows[index]]
    return same_window.index(index) + 1 if len(same_window) == detector_count else None


def _counts_from_0(vector: list[int], detector_count: int) -> bool:
    """Return whether the numbers of detectors begin at 0, as some programs write them: all of them, none too high."""
    return set(vector) == set(range(detector_count))


def _vector(dataset: Dataset, keyword: str) -> list[int]:
    """Return a frame vector: for each frame the number, from 1, of its detector or window; empty if the file has none.

    A value that is not a number becomes 0, which numbers nothing.
    """
    return [int(number) if number == number else 0 for number in numbers(dataset, keyword)]  # noqa: PLR0124 NaN
