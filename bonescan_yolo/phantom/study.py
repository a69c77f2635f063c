"""One simulated study: a patient, the disease, and both views with their boxes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.phantom import camera as optics
from bonescan_yolo.phantom.activity import lesions, physiology, wear
from bonescan_yolo.phantom.activity.spots import PosedBody, Spot
from bonescan_yolo.phantom.activity.uptake import draw_soft_tissue, draw_uptake
from bonescan_yolo.phantom.body import soft_tissue
from bonescan_yolo.phantom.body.anatomy import Skeleton
from bonescan_yolo.phantom.body.patient import Patient, draw_log_span, draw_patient, draw_span
from bonescan_yolo.phantom.body.posing import place
from bonescan_yolo.phantom.camera import FRAME_HEIGHT, FRAME_WIDTH, Camera, Display, Emission, Image, Patch
from bonescan_yolo.phantom.labels import truth
from bonescan_yolo.phantom.parameters import CameraConfig, PhantomConfig
from bonescan_yolo.scan.identity.names import VIEWS, View

TISSUE_CELLS = (48, 12)
"""Rows and columns of the random field that makes soft tissue uneven."""

TISSUE_BLUR_PX = 2.0
"""Standard deviation of the blur of soft tissue, the same at all depths: it has too little detail to show more."""

DISPLAY_STREAM = 1
"""Number of the random stream of display curve and smoothing, so that they do not change what else is drawn."""

TRUNK_MIDDLE_MM = (0.0, 190.0, 1000.0)
"""Point of the neutral pose that is imaged on the middle column."""


@dataclass(frozen=True)
class Scene:
    """The patient under the camera: skeleton, soft tissue and hot spots with their uptake.

    Attributes:
        body: skeleton and outline.
        bones: normal activity of the skeleton, one emission per limb.
        tissue: uptake of soft tissue per mm^3 (vertebra: 1).
        trunk_tissue: that of the trunk.
        unevenness: shape TISSUE_CELLS, deviation of the logarithm of soft tissue's uptake from place to place.
        spots: hot spots, normal and abnormal.
    """

    body: PosedBody
    bones: tuple[Emission, ...]
    tissue: float
    trunk_tissue: float
    unevenness: NDArray[np.float64]
    spots: tuple[Spot, ...]


@dataclass(frozen=True)
class Exposure:
    """From activity to grey levels.

    Attributes:
        counts_per_activity: counts per activity that reaches the camera.
        display: of the counts.
    """

    counts_per_activity: float
    display: Display


@dataclass(frozen=True)
class ViewOfStudy:
    """One view of a study.

    Attributes:
        view: anterior or posterior.
        pixels: (1024, 256) uint8, hot is bright.
        expected: (1024, 256) noise-free counts.
        marks: the boxes.
    """

    view: View
    pixels: NDArray[np.uint8]
    expected: Image
    marks: tuple[truth.Mark, ...]


@dataclass(frozen=True)
class SimulatedStudy:
    """One patient on one day.

    Attributes:
        identifier: names both views.
        views: by view.
        body: the patient's, as it was posed.
        camera: over it.
    """

    identifier: int
    views: Mapping[View, ViewOfStudy]
    body: PosedBody
    camera: Camera


def simulate(skeleton: Skeleton, config: PhantomConfig, seed: int, identifier: int) -> SimulatedStudy:
    """Return a study; it depends on its arguments only."""
    rng = np.random.default_rng([seed, identifier])
    patient = draw_patient(rng, config.patient)
    scene = draw_scene(rng, skeleton, patient, config)
    camera = _draw_camera(rng, patient, scene.body, config.camera)
    normal = {view: normal_body(scene, view, camera) for view in VIEWS}
    viewing = np.random.default_rng([seed, identifier, DISPLAY_STREAM])
    exposure = _draw_exposure(rng, viewing, float(sum(image.sum() for image in normal.values())), config.camera)
    views = {}
    for view in VIEWS:
        expected, candidates = with_hot_spots(normal[view], scene.spots, view, camera, exposure)
        counts = rng.poisson(expected)
        marks = truth.find_marks(candidates, expected, view, config.truth)
        pixels = optics.to_grey(counts, exposure.display)
        views[view] = ViewOfStudy(view, pixels, expected, tuple(marks))
    return SimulatedStudy(identifier, views, scene.body, camera)


def draw_scene(rng: np.random.Generator, skeleton: Skeleton, patient: Patient, config: PhantomConfig) -> Scene:
    """Return the patient's body with its uptake, normal and abnormal."""
    posed = place(skeleton, patient.pose)
    body = PosedBody(posed, soft_tissue.body(posed, patient.fat_mm))
    activity = draw_uptake(rng, config.uptake, skeleton, patient.is_child)
    benign = physiology.draw_physiology(rng, body, config.physiology)
    disease = lesions.draw_lesions(rng, body, config.disease, config.physiology)
    spots = [*(wear.among_many(benign) if lesions.widespread(disease, config.disease) else benign), *disease]
    tissue = draw_soft_tissue(rng, config.uptake)
    return Scene(
        body=body,
        bones=_bone_emissions(body, activity),
        tissue=tissue,
        trunk_tissue=tissue * config.uptake.trunk_tissue,
        unevenness=rng.normal(0.0, config.uptake.tissue_texture, TISSUE_CELLS),
        spots=tuple(spots),
    )


def normal_body(scene: Scene, view: View, camera: Camera) -> Image:
    """Return bones and soft tissue without hot spots, (1024, 256), in activity that reaches the camera."""
    image: Image = np.zeros((FRAME_HEIGHT, FRAME_WIDTH), np.float32)
    for name, stack in scene.body.stacks.items():
        density = scene.trunk_tissue if name == "trunk" else scene.tissue
        patch = optics.project_tissue(stack, density, view, camera)
        part = image[patch.slices]
        np.maximum(part, patch.pixels, out=part)  # stacks overlap at hips and shoulders
    field = scene.unevenness if view == "anterior" else scene.unevenness[:, ::-1]
    texture = cv2.resize(np.exp(field), (FRAME_WIDTH, FRAME_HEIGHT), interpolation=cv2.INTER_LINEAR)
    np.multiply(image, texture, out=image, casting="same_kind")
    image = optics.blur(image, TISSUE_BLUR_PX)
    for emission in scene.bones:
        patch = optics.project(emission, view, camera)
        image[patch.slices] += patch.pixels
    return image


def with_hot_spots(
    normal: Image, spots: tuple[Spot, ...], view: View, camera: Camera, exposure: Exposure
) -> tuple[Image, list[truth.Candidate]]:
    """Return the expected counts of everything, (1024, 256), and those of each hot spot that may get a box."""
    expected: Image = normal * np.float32(exposure.counts_per_activity)
    candidates = []
    for spot in spots:
        patch = optics.project(spot.emission, view, camera)
        own = Patch(patch.pixels * np.float32(exposure.counts_per_activity), patch.row, patch.column)
        expected[own.slices] += own.pixels
        if spot.label is not None:
            sizes = spot.abnormal_mm and (spot.abnormal_mm[0] / camera.pixel_mm, spot.abnormal_mm[1] / camera.pixel_mm)
            candidates.append(truth.Candidate(spot.name, spot.label, own, spot.least_over_median, sizes, spot.bones))
    return optics.add_scatter(expected, camera), candidates


def _bone_emissions(body: PosedBody, activity: NDArray[np.float64]) -> tuple[Emission, ...]:
    """Return the skeleton's activity, one emission per limb."""
    spans: dict[str, list[slice]] = {}
    for bone in body.posed.skeleton.bones:
        spans.setdefault(bone.limb, []).append(bone.span)
    return tuple(
        body.emission(
            limb,
            np.concatenate([body.posed.points[span] for span in own]),
            np.concatenate([activity[span] for span in own]),
        )
        for limb, own in spans.items()
    )


def _draw_camera(rng: np.random.Generator, patient: Patient, body: PosedBody, config: CameraConfig) -> Camera:
    """Return the camera with the patient in its frame."""
    pixel_mm = draw_span(rng, config.pixel_mm)
    return Camera(
        pixel_mm=pixel_mm,
        middle_mm=float(body.posed.place("trunk", np.array(TRUNK_MIDDLE_MM))[0, 0]),
        top_mm=float(body.stacks["head"].z.max()) + patient.head_top * FRAME_HEIGHT * pixel_mm,
        off_centre_px=patient.off_centre_px,
        gap_mm=draw_span(rng, config.gap_mm),
        config=config,
    )


def _draw_exposure(
    rng: np.random.Generator, viewing: np.random.Generator, normal_activity: float, config: CameraConfig
) -> Exposure:
    """Return the exposure at which the body without hot spots gives a drawn number of counts in both views.

    Args:
        rng: for counts and wraparound.
        viewing: for what else the display does.
        normal_activity: of both views, without hot spots.
        config: what all patients share.
    """
    counts = draw_log_span(rng, config.counts_per_study)
    display = Display(
        grey_per_count=draw_span(rng, config.grey_per_count) if config.grey_total is None else None,
        grey_total=0.0 if config.grey_total is None else draw_span(rng, config.grey_total),
        wraps=bool(rng.random() < config.wraparound_share),
        least_of_peak=draw_span(viewing, config.least_of_peak),
        gamma=draw_span(viewing, config.display_gamma),
        smoothing_px=draw_span(viewing, config.smoothing_px),
    )
    return Exposure(counts / normal_activity, display)
