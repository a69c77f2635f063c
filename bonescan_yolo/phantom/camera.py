"""The gamma camera: from activity in the body to counts in two images, and from counts to grey levels.

Sources: S. R. Cherry, J. A. Sorenson, M. E. Phelps, Physics in Nuclear Medicine, 4th ed. (2012), chapters 6
(attenuation of 140 keV photons in water: 0.15 / cm narrow beam, about 0.12 / cm with the scatter that passes
the window) and 14 (collimators); the collimator's measures are those of a general-purpose high-resolution one
(1.5 mm holes, 35 mm long), which gives 7.2 mm at 10 cm, near the 7.4 mm that makers state for LEHR.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.phantom.body.soft_tissue import Stack
from bonescan_yolo.phantom.parameters import CameraConfig
from bonescan_yolo.scan.identity.names import View

Image = NDArray[np.float32]

FRAME_WIDTH: Final = 256
FRAME_HEIGHT: Final = 1024
"""The size of a BS-80K scan, pixels."""

FWHM_PER_SIGMA = 2.3548
LEAD_ATTENUATION_PER_MM = 2.7
"""Lead at 140 keV; photons pass the ends of the septa, so that these work as if shorter by two mean free paths."""

SLICE_EDGES_MM = (70.0, 120.0, 180.0)
SLICE_MIDDLES_MM = (45.0, 95.0, 150.0, 215.0)
"""Distances from the collimator: activity is sorted into four layers, each with one blur, that of its middle."""

BLUR_REACH = 4
"""Standard deviations that OpenCV's blur of float images reaches."""

GREY_LEVELS = 256
MAX_GREY = GREY_LEVELS - 1
"""Grey levels of an 8-bit scan, and the highest."""

SCATTER_SHRINK = 8
"""Scatter is wide enough to be computed on an image smaller by this factor."""


@dataclass(frozen=True)
class Emission:
    """Activity as points.

    Attributes:
        points: (N, 3) in mm.
        activity: (N,); a cubic millimetre of an average vertebra has 1.
        front_mm: (N,) tissue in front of each point.
        back_mm: (N,) tissue behind it.
    """

    points: NDArray[np.float64]
    activity: NDArray[np.float64]
    front_mm: NDArray[np.float64]
    back_mm: NDArray[np.float64]


@dataclass(frozen=True)
class Camera:
    """The camera over one patient.

    Attributes:
        pixel_mm: size of a pixel.
        middle_mm: x that is imaged on the middle column.
        top_mm: z that is imaged on the top row.
        off_centre_px: shift of the body to the right in the anterior view.
        gap_mm: air between skin and collimator, which follows the body's contour.
        config: what all patients share.
    """

    pixel_mm: float
    middle_mm: float
    top_mm: float
    off_centre_px: float
    gap_mm: float
    config: CameraConfig

    def columns(self, x_mm: NDArray[np.float64], view: View) -> NDArray[np.float64]:
        """Return image columns, in pixels; the patient's right is on the left in the anterior view only."""
        aside = (x_mm - self.middle_mm) / self.pixel_mm + self.off_centre_px
        return FRAME_WIDTH / 2 + (aside if view == "anterior" else -aside)

    def rows(self, z_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return image rows, in pixels from the top."""
        return (self.top_mm - z_mm) / self.pixel_mm


@dataclass(frozen=True)
class Display:
    """How the workstation shows counts.

    Attributes:
        grey_per_count: grey levels per count; None: as many as give `grey_total`.
        grey_total: sum of the grey levels of a view before any is cut off, where `grey_per_count` is None.
        wraps: grey levels start again at 0 above 255, as in BS-80K's faulty scans; otherwise they are cut off there.
        least_of_peak: grey levels below this part of the view's highest one are shown as 0.
        gamma: power to which grey levels over 255 are raised.
        smoothing_px: standard deviation of the filter that smooths the counts first; 0 is none.
    """

    grey_per_count: float | None
    wraps: bool
    grey_total: float = 0.0
    least_of_peak: float = 0.0
    gamma: float = 1.0
    smoothing_px: float = 0.0

    def levels(self, counts: Image) -> Image:
        """Return counts (H, W) as grey levels of any height, float32; those of no counts at all are 0."""
        total = float(counts.sum())
        scale = self.grey_total / max(total, 1.0) if self.grey_per_count is None else self.grey_per_count
        levels = counts * np.float32(scale)
        return np.asarray(np.where(levels < self.least_of_peak * levels.max(), 0.0, levels), np.float32)


@dataclass(frozen=True)
class Patch:
    """A part of an image.

    Attributes:
        pixels: (height, width).
        row: row of its first pixel in the whole image.
        column: column of its first pixel.
    """

    pixels: Image
    row: int
    column: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """The patch's rows and columns in the whole image."""
        height, width = self.pixels.shape
        return slice(self.row, self.row + height), slice(self.column, self.column + width)


def resolution_fwhm_mm(distance_mm: float, config: CameraConfig) -> float:
    """Return the camera's resolution at a distance from the collimator.

    Collimator: hole (L + distance) / L with the effective length L = length - 2 / attenuation of lead; the
    crystal's own resolution adds in quadrature (Cherry et al., equations 14-6 and 14-9).
    """
    length = config.collimator_length_mm - 2.0 / LEAD_ATTENUATION_PER_MM
    collimator = config.collimator_hole_mm * (length + distance_mm) / length
    return float(np.hypot(collimator, config.intrinsic_fwhm_mm))


def transmission(depth_mm: NDArray[np.float64], config: CameraConfig) -> NDArray[np.float64]:
    """Return the part of the photons that leaves the body through `depth_mm` of tissue: exp(-mu depth)."""
    return np.asarray(np.exp(-config.attenuation_per_mm * depth_mm))


def project(emission: Emission, view: View, camera: Camera) -> Patch:
    """Return the expected counts, to a scale, of point activity in the part of the image that it reaches."""
    depth = emission.front_mm if view == "anterior" else emission.back_mm
    arriving = emission.activity * transmission(depth, camera.config)
    columns = np.floor(camera.columns(emission.points[:, 0], view)).astype(np.int64)
    rows = np.floor(camera.rows(emission.points[:, 2])).astype(np.int64)
    layers = np.searchsorted(SLICE_EDGES_MM, depth + camera.gap_mm)
    sigmas = [resolution_fwhm_mm(d, camera.config) / FWHM_PER_SIGMA / camera.pixel_mm for d in SLICE_MIDDLES_MM]
    margin = int(np.ceil(BLUR_REACH * max(sigmas)))
    seen = (columns >= 0) & (columns < FRAME_WIDTH) & (rows >= 0) & (rows < FRAME_HEIGHT)
    if not seen.any():
        return Patch(np.zeros((1, 1), np.float32), 0, 0)
    top, bottom = _reach(rows[seen], margin, FRAME_HEIGHT)
    left, right = _reach(columns[seen], margin, FRAME_WIDTH)
    shape = (len(sigmas), bottom - top, right - left)
    place = np.ravel_multi_index((layers[seen], rows[seen] - top, columns[seen] - left), shape)
    sharp = np.bincount(place, arriving[seen], minlength=int(np.prod(shape))).reshape(shape)
    image: Image = np.zeros(shape[1:], np.float32)
    for layer, sigma in zip(sharp.astype(np.float32), sigmas, strict=True):
        if layer.any():
            np.add(image, blur(layer, sigma), out=image)
    return Patch(image, top, left)


def project_tissue(stack: Stack, density: float, view: View, camera: Camera) -> Patch:
    """Return the expected counts (to the scale of `project`) of soft tissue of even density in one stack.

    Along a line through t mm of tissue, (1 - exp(-mu t)) / mu mm are seen from either side.
    """
    rows = camera.rows(stack.z[[-1, 0]])
    top, bottom = max(0, int(rows[0])), min(FRAME_HEIGHT, int(rows[1]) + 1)
    reach = camera.columns(np.concatenate([stack.x - stack.width, stack.x + stack.width]), view)
    left, right = max(0, int(reach.min())), min(FRAME_WIDTH, int(reach.max()) + 1)
    if bottom <= top or right <= left:
        return Patch(np.zeros((1, 1), np.float32), 0, 0)
    z = camera.top_mm - (np.arange(top, bottom) + 0.5) * camera.pixel_mm
    aside = np.arange(left, right) + 0.5 - FRAME_WIDTH / 2
    x = ((aside if view == "anterior" else -aside) - camera.off_centre_px) * camera.pixel_mm + camera.middle_mm
    thickness = stack.thickness(np.asarray(x[None, :]), np.asarray(z[:, None]))
    seen_mm = (1.0 - np.exp(-camera.config.attenuation_per_mm * thickness)) / camera.config.attenuation_per_mm
    return Patch((density * seen_mm * camera.pixel_mm**2).astype(np.float32), top, left)


def blur(image: Image, sigma_px: float) -> Image:
    """Return the image after a Gaussian blur; counts that leave it are lost."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma_px, borderType=cv2.BORDER_CONSTANT), dtype=np.float32)


def add_scatter(image: Image, camera: Camera) -> Image:
    """Return the image with a part of its counts spread widely: photons scattered within the energy window."""
    sigma = camera.config.scatter_fwhm_mm / FWHM_PER_SIGMA / camera.pixel_mm / SCATTER_SHRINK
    size = (image.shape[1] // SCATTER_SHRINK, image.shape[0] // SCATTER_SHRINK)
    coarse = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
    wide = cv2.resize(blur(coarse, sigma), image.shape[::-1], interpolation=cv2.INTER_LINEAR)
    share = camera.config.scatter_share
    return np.asarray((1 - share) * image + share * wide, dtype=np.float32)


def to_grey(counts: NDArray[np.int64], display: Display) -> NDArray[np.uint8]:
    """Return counts as 8-bit grey levels, as a workstation shows them."""
    plain = counts.astype(np.float32)
    levels = display.levels(plain if display.smoothing_px <= 0 else blur(plain, display.smoothing_px))
    if display.gamma != 1.0:
        levels = np.asarray(MAX_GREY * (levels / MAX_GREY) ** display.gamma, np.float32)
    whole = np.floor(levels + 0.5)
    return np.asarray(whole % GREY_LEVELS if display.wraps else np.minimum(whole, MAX_GREY)).astype(np.uint8)


def _reach(places: NDArray[np.int64], margin: int, size: int) -> tuple[int, int]:
    """Return the first and one past the last place within `margin` of any, inside the image."""
    return max(0, int(places.min()) - margin), min(size, int(places.max()) + margin + 1)
