"""From annotations to scans: the image that each annotation belongs to, and what the others are."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bonescan_yolo.convert.annotated_image import AnnotatedImage
from bonescan_yolo.convert.class_map import NO_MAP, ClassMap
from bonescan_yolo.convert.source import Source
from bonescan_yolo.convert.survey import Survey


def build_survey(
    title: str,
    source: Source,
    annotated: Iterable[AnnotatedImage],
    *,
    patient: re.Pattern[str] | None = None,
    classes: ClassMap = NO_MAP,
    unlisted_is_background: bool = True,
) -> Survey:
    """Find the image of each annotation and return the scans with their objects.

    Each annotation gets the image that its file names, by the longest common end of the two paths, or the image named
    like the annotation file itself; then the same without case, with another suffix, or as one frame of a file of
    several. Every object is in a scan of the survey or counted by one of its problems. An image whose annotation
    cannot be read, or may be one of those that fit no image, is left out: it is not background.

    Args:
        title: The data set in words.
        source: Where the images are.
        annotated: What the annotation files say, one for each image that they describe. Readers only translate: they
            do not look for images, check boxes against an image or put corners in order.
        patient: Finds the patient in an image's path; by default `scan.names` does.
        classes: What class names mean.
        unlisted_is_background: Whether an image that no annotation describes is a scan without hot spots (VOC, YOLO
            and LabelMe write no file for it), or is passed over (COCO and CVAT list every image).

    Raises:
        DatasetError: there is no image, or no annotation that can be read has an image.
    """
    raise NotImplementedError
