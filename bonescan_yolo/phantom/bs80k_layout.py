"""Writing studies in BS-80K's own layout; the only writer of it.

wholeBodyANT/{id}.jpg           8-bit grey, 256 x 1024
wholeBodyANT/ant/{id}.xml       Pascal VOC; absent when the scan has no box
wholeBodyANT/wholeBodyANT.txt   `{id}.jpg 0|1`, 1 when it has an abnormal box
wholeBodyPOST/...               the same patients from behind
masks/wholeBodyANT/{id}.png     on request: each pixel the number, from 1, of its object in the XML
regions/wholeBodyANT/{id}.npz   on request: which bones are under each pixel (`regions.bone_files`)
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bonescan_yolo import files
from bonescan_yolo.classes import ABNORMAL, CLASS_NAMES
from bonescan_yolo.dataset.simulated import MASK_FOLDER, REGION_FOLDER
from bonescan_yolo.phantom.labels.bone_masks import bone_masks
from bonescan_yolo.phantom.study import SimulatedStudy, ViewOfStudy
from bonescan_yolo.regions import bone_files
from bonescan_yolo.regions.region_names import BONES
from bonescan_yolo.scan.identity.names import View

FOLDERS: dict[View, str] = {"anterior": "wholeBodyANT", "posterior": "wholeBodyPOST"}
XML_FOLDERS: dict[View, str] = {"anterior": "ant", "posterior": "post"}
JPEG_QUALITY = 95


@dataclass(frozen=True)
class Extras:
    """What is written beside scans and boxes.

    Attributes:
        masks: the pixels of each box's hot spot.
        regions: which bones are under each pixel.
    """

    masks: bool = False
    regions: bool = False


NO_EXTRAS = Extras()


@dataclass(frozen=True)
class Written:
    """What one study added to the data set.

    Attributes:
        identifier: the study's id.
        abnormal: by view, whether it has an abnormal box.
        n_abnormal: by view, its abnormal boxes.
        n_normal: by view, its normal boxes.
    """

    identifier: int
    abnormal: dict[View, bool]
    n_abnormal: dict[View, int]
    n_normal: dict[View, int]


def write_study(root: Path, study: SimulatedStudy, extras: Extras) -> Written:
    """Write both views of a study below `root`, and return what the label files need."""
    for view, seen in study.views.items():
        folder = root / FOLDERS[view]
        files.write_bytes(folder / f"{study.identifier}.jpg", _jpeg(seen))
        if seen.marks:
            xml = voc_xml(FOLDERS[view], f"{study.identifier}.jpg", seen)
            files.write_text(folder / XML_FOLDERS[view] / f"{study.identifier}.xml", xml)
        if extras.masks:
            files.write_bytes(root / MASK_FOLDER / FOLDERS[view] / f"{study.identifier}.png", _mask_png(seen))
        if extras.regions:
            name = f"{study.identifier}{bone_files.SUFFIX}"
            masks = bone_masks(study.body, view, study.camera)
            content = bone_files.encode_masks(masks, _sites(seen))
            files.write_bytes(root / REGION_FOLDER / FOLDERS[view] / name, content)
    counts = {view: sum(mark.label == ABNORMAL for mark in seen.marks) for view, seen in study.views.items()}
    return Written(
        identifier=study.identifier,
        abnormal={view: count > 0 for view, count in counts.items()},
        n_abnormal=counts,
        n_normal={view: len(seen.marks) - counts[view] for view, seen in study.views.items()},
    )


def write_label_files(root: Path, written: list[Written]) -> None:
    """Write the label file of each view, in the order of the ids."""
    for view, folder in FOLDERS.items():
        lines = [f"{study.identifier}.jpg {int(study.abnormal[view])}\n" for study in written]
        files.write_text(root / folder / f"{folder}.txt", "".join(lines))
        (root / folder / XML_FOLDERS[view]).mkdir(parents=True, exist_ok=True)


def voc_xml(folder: str, file_name: str, seen: ViewOfStudy) -> str:
    """Return the Pascal VOC annotation of one view, as BS-80K writes it (tabs, class names in title case).

    Corners are pixel edges from 0, the maximum exclusive: xmax - xmin is the width.
    """
    height, width = seen.pixels.shape
    objects = "".join(
        f"\t<object>\n\t\t<name>{CLASS_NAMES[mark.label].title()}</name>\n\t\t<pose>Unspecified</pose>\n"
        "\t\t<truncated>0</truncated>\n\t\t<difficult>0</difficult>\n\t\t<bndbox>\n"
        f"\t\t\t<xmin>{mark.box[0]}</xmin>\n\t\t\t<ymin>{mark.box[1]}</ymin>\n"
        f"\t\t\t<xmax>{mark.box[2]}</xmax>\n\t\t\t<ymax>{mark.box[3]}</ymax>\n\t\t</bndbox>\n\t</object>\n"
        for mark in seen.marks
    )
    return (
        f"<annotation>\n\t<folder>{folder}</folder>\n\t<filename>{file_name}</filename>\n"
        "\t<source>\n\t\t<database>bonescan_yolo phantom</database>\n\t</source>\n"
        f"\t<size>\n\t\t<width>{width}</width>\n\t\t<height>{height}</height>\n\t\t<depth>1</depth>\n\t</size>\n"
        f"\t<segmented>0</segmented>\n{objects}</annotation>\n"
    )


def _jpeg(seen: ViewOfStudy) -> bytes:
    """Return the view as a grey JPEG."""
    buffer = io.BytesIO()
    Image.fromarray(seen.pixels).save(buffer, "JPEG", quality=JPEG_QUALITY)
    return buffer.getvalue()


def _sites(seen: ViewOfStudy) -> NDArray[np.bool_]:
    """Return which of BONES the hot spots of each mark are in, (marks, bones)."""
    return np.array([[bone in mark.bones for bone in BONES] for mark in seen.marks], bool).reshape(-1, len(BONES))


def _mask_png(seen: ViewOfStudy) -> bytes:
    """Return the marks' pixels as an 8-bit PNG: 0 outside, else the mark's number from 1."""
    numbers = np.zeros(seen.pixels.shape, np.uint8)
    for number, mark in enumerate(seen.marks, start=1):
        x1, y1, x2, y2 = mark.box
        numbers[y1:y2, x1:x2][mark.mask] = number
    buffer = io.BytesIO()
    Image.fromarray(numbers).save(buffer, "PNG")
    return buffer.getvalue()
