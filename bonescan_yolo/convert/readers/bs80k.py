"""Reading BS-80K as it was downloaded: two folders of whole-body views, their VOC files and label files.

    wholeBodyANT/{id}.jpg   wholeBodyANT/ant/{id}.xml    wholeBodyANT/wholeBodyANT.txt
    wholeBodyPOST/{id}.jpg  wholeBodyPOST/post/{id}.xml  wholeBodyPOST/wholeBodyPOST.txt

They may be at any depth and in any case. The region crops beside them (kneeLANT, headPOST, ...) are ignored.
Source: Huang et al., Computers in Biology and Medicine 151 (2022) 106221, doi 10.1016/j.compbiomed.2022.106221.
"""

from __future__ import annotations

from collections import Counter
from pathlib import PurePosixPath
from typing import Final

from bonescan_yolo.classes import ABNORMAL, NORMAL, parse_class_name
from bonescan_yolo.convert.class_map import NO_MAP, ClassMap
from bonescan_yolo.convert.matching.annotated_image import AnnotatedImage
from bonescan_yolo.convert.matching.matching import refuse_unusable, with_annotation
from bonescan_yolo.convert.matching.orphans import PossibleImages
from bonescan_yolo.convert.naming import file_id, is_copy_name, output_names, suffix
from bonescan_yolo.convert.readers.bs80k_folders import JPEG_SUFFIXES, bones_of, count_ignored, view_folders
from bonescan_yolo.convert.readers.bs80k_labels import LabelFile, label_problems, read_labels
from bonescan_yolo.convert.readers.voc_xml import read_voc_file
from bonescan_yolo.convert.source import Source, UnreadableError
from bonescan_yolo.convert.survey import FoundScan, Kind, Problem, Survey, ViewCounts
from bonescan_yolo.dataset import simulated
from bonescan_yolo.errors import DatasetError
from bonescan_yolo.files import natural_key

TITLE: Final = (
    "BS-80K (Huang et al., Computers in Biology and Medicine 151, 2022, 106221, doi 10.1016/j.compbiomed.2022.106221)"
)
SCAN_SIZE: Final = (256, 1024)
"""Width and height of every whole-body scan of BS-80K, in pixels."""


def read_bs80k(source: Source, classes: ClassMap = NO_MAP) -> Survey:
    """Survey a BS-80K archive or folder, whole or a part of it.

    Args:
        source: The archive or folder.
        classes: What class names mean.

    Raises:
        DatasetError: it holds no whole-body folder, or several of one view, or a view with scans and annotations of
            which none both can be read and has a scan.
    """
    folders = view_folders(source)
    scans: list[FoundScan] = []
    problems = list(source.problems)
    counts: dict[str, ViewCounts] = {}
    objects_read = 0
    names: Counter[str] = Counter()
    for view, folder in folders.items():
        survey = _ViewReader(source, view, folder, classes).survey()
        names.update(survey.class_names)
        scans += survey.scans
        problems += survey.problems
        counts.update(survey.counts)
        objects_read += survey.objects_read
    if not any(view.annotation_files for view in counts.values()):
        raise DatasetError(
            f"{source.name}: holds no annotations (XML) in {' and '.join(folders.values())}, so every scan would be "
            "background; give the folder or archive that has them too"
        )
    return Survey(
        title=_title(source),
        scans=tuple(scans),
        problems=tuple(problems),
        objects_read=objects_read,
        counts=counts,
        ignored=count_ignored(source, tuple(folders.values())),
        expected_size=SCAN_SIZE,
        class_names=dict(names.most_common()),
    )


def _title(source: Source) -> str:
    """Return what the scans are: BS-80K, or simulated ones in its layout, with the simulator's record."""
    names = {PurePosixPath(file).name for file in source.files}
    return simulated.TITLE if simulated.RECORD_NAME in names else TITLE


class _ViewReader:
    """One view's folder: images, annotation files and label file brought together."""

    def __init__(self, source: Source, view: str, folder: str, classes: ClassMap) -> None:
        self._source = source
        self._class_map = classes
        self._names: Counter[str] = Counter()
        self._view = view
        self._folder = folder
        inside = [file for file in source.files if file.startswith(f"{folder}/")]
        direct = [file for file in inside if "/" not in file[len(folder) + 1 :]]
        self._images, self._image_copies = _by_id([file for file in direct if suffix(file) in JPEG_SUFFIXES])
        self._annotations, self._annotation_copies = _by_id([file for file in inside if suffix(file) == ".xml"])
        label_file = f"{PurePosixPath(folder).name}.txt".lower()
        found = [file for file in direct if PurePosixPath(file).name.lower() == label_file]
        self._labels: LabelFile = read_labels(source, found[0] if found else None, folder)
        self._bones = bones_of(source, folder)
        self._problems: list[Problem] = list(self._labels.problems)
        self._objects_read = 0
        self._classes: Counter[int | None] = Counter()

    def survey(self) -> Survey:
        """Bring the view's files together."""
        self._set_copies_aside()
        names = output_names([f"{stem}_{self._view}.jpg" for stem in self._images])
        annotations = {stem: self._read(file) for stem, file in self._annotations.items()}
        read = list(annotations.values())
        scans = []
        for stem in sorted(self._images, key=natural_key):
            annotation = annotations.pop(stem, None)
            if annotation is not None and annotation.fault is not None:
                continue  # reported when it was read; a scan whose boxes are unknown is not background
            if annotation is None and self._labels.by_id.get(stem):
                reason = "is labelled abnormal and has no annotation; left out, since it is not background"
                self._problems.append(Problem(self._images[stem], Kind.MAYBE_ANNOTATED, reason))
                continue
            scans.append(self._scan(stem, names[f"{stem}_{self._view}.jpg"], annotation))
        scans = self._without_possible(scans, annotations)
        if read and self._images and all(scan.annotation is None for scan in scans):
            refuse_unusable(f"{self._source.name}/{self._folder}", read)
        self._report_missing_images(annotations)
        self._problems += label_problems(self._labels, scans)
        labelled = Counter(self._labels.by_id.values())
        counts = ViewCounts(
            images=len(self._images),
            annotation_files=len(self._annotations),
            abnormal_objects=self._classes[ABNORMAL],
            normal_objects=self._classes[NORMAL],
            labelled_abnormal=labelled[True],
            labelled_normal=labelled[False],
        )
        return Survey(
            title="",
            scans=tuple(scans),
            problems=tuple(self._problems),
            objects_read=self._objects_read,
            counts={self._view: counts},
            class_names=dict(self._names),
        )

    def _without_possible(self, scans: list[FoundScan], orphans: dict[str, AnnotatedImage]) -> list[FoundScan]:
        """Return the scans without background that an annotation without an image may belong to: `007` for `7`."""
        possible = PossibleImages(scan.image for scan in scans if scan.annotation is None)
        meant = {image: stem for stem, item in orphans.items() for image in possible.meant_by(item)}
        for image, stem in meant.items():
            reason = f"may be what {stem}.xml belongs to; left out, since it is not known to be background"
            self._problems.append(Problem(image, Kind.MAYBE_ANNOTATED, reason))
        return [scan for scan in scans if scan.image not in meant]

    def _read(self, file: str) -> AnnotatedImage:
        annotation = read_voc_file(self._source, file)
        self._names.update(item.name.strip() for item in annotation.objects)
        annotation = self._class_map.applied(annotation)
        self._problems += annotation.problems
        self._objects_read += annotation.objects_read
        self._classes.update(parse_class_name(item.name) for item in annotation.objects)
        return annotation

    def _scan(self, stem: str, name: str, annotation: AnnotatedImage | None) -> FoundScan:
        image = self._images[stem]
        scan = FoundScan(image, name, patient=stem, study=stem, view=self._view, bones=self._bones.get(stem))
        if annotation is None:
            return scan
        if annotation.image and file_id(annotation.image) != stem:
            reason = f"names {annotation.image!r} as its image; taken for {PurePosixPath(image).name}"
            self._problems.append(Problem(annotation.annotation, Kind.FILENAME_DISAGREES, reason))
        return with_annotation(scan, annotation)

    def _set_copies_aside(self) -> None:
        """Report second files under an id; the objects in second annotation files are read to be counted."""
        for copy, first in self._image_copies:
            same = "equal" if self._same_bytes(copy, first) else "NOT equal"
            reason = f"is a second image beside {PurePosixPath(first).name}, {same} byte for byte; left out"
            self._problems.append(Problem(copy, _copy_kind(copy), reason))
        for copy, first in self._annotation_copies:
            annotation = self._class_map.applied(read_voc_file(self._source, copy))
            self._objects_read += annotation.objects_read
            reason = f"is a second annotation beside {PurePosixPath(first).name}; left out with its objects"
            self._problems.append(Problem(copy, _copy_kind(copy), reason, annotation.objects_read))
        for file in (*self._images.values(), *self._annotations.values()):
            if is_copy_name(file):
                reason = "is named like a second download, but the first is not there; taken in its place"
                self._problems.append(Problem(file, Kind.DOWNLOAD_COPY, reason))

    def _same_bytes(self, one: str, other: str) -> bool:
        try:
            return self._source.read(one) == self._source.read(other)
        except UnreadableError:
            return False

    def _report_missing_images(self, orphans: dict[str, AnnotatedImage]) -> None:
        """Report annotations and label lines whose image is not there."""
        for stem, annotation in orphans.items():
            labelled = stem in self._labels.by_id
            kind = Kind.MISSING_IMAGE if labelled else Kind.ORPHAN_ANNOTATION
            also = " though the label file lists it" if labelled else ""
            reason = f"has no image {stem}.jpg{also}; its objects are left out"
            self._problems.append(Problem(annotation.annotation, kind, reason, len(annotation.objects)))
        for stem in self._labels.by_id:
            if stem not in self._images and stem not in orphans:
                reason = f"lists {stem}.jpg, which is not there"
                self._problems.append(Problem(self._labels.file, Kind.MISSING_IMAGE, reason))


def _by_id(files: list[str]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Return the first file of each id, and pairs of a second file and the first one of the same id.

    Files named like copies come after the others.
    """
    by_id: dict[str, str] = {}
    copies: list[tuple[str, str]] = []
    for file in sorted(files, key=lambda file: (is_copy_name(file), natural_key(file))):
        stem = file_id(file)
        if stem in by_id:
            copies.append((file, by_id[stem]))
        else:
            by_id[stem] = file
    return by_id, copies


def _copy_kind(file: str) -> Kind:
    return Kind.DOWNLOAD_COPY if is_copy_name(file) else Kind.DUPLICATE_FILE
