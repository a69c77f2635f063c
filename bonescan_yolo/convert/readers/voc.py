"""Reading Pascal VOC files (XML), one per image, beside their images or in a folder of their own."""

from __future__ import annotations

from bonescan_yolo.convert.matching.annotated_image import AnnotatedImage
from bonescan_yolo.convert.naming import suffix
from bonescan_yolo.convert.readers.voc_xml import read_voc_file
from bonescan_yolo.convert.source import Source
from bonescan_yolo.errors import DatasetError


def parse_voc_files(source: Source, one_based: bool = False) -> list[AnnotatedImage]:
    """Read every XML file of a source.

    Args:
        source: The annotations.
        one_based: They count pixels from 1 and include both ends.

    Raises:
        DatasetError: there is no XML file.
    """
    files = [file for file in source.files if suffix(file) == ".xml"]
    if not files:
        raise DatasetError(f"{source.name}: holds no XML files; give a folder of scans with their VOC files")
    return [read_voc_file(source, file, one_based) for file in files]
