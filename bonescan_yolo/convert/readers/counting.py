"""Counting what a source holds, by view."""

from __future__ import annotations

from collections.abc import Iterable

from bonescan_yolo.classes import ABNORMAL, NORMAL, parse_class_name
from bonescan_yolo.convert.survey import VIEWS, SourceScan, ViewCounts


def count_views(scans: Iterable[SourceScan]) -> dict[str, ViewCounts]:
    """Return the counts of each view that occurs, for sources without label files."""
    scans = list(scans)
    counts: dict[str, ViewCounts] = {}
    for view in VIEWS:
        of_view = [scan for scan in scans if scan.view == view]
        classes = [parse_class_name(item.name) for scan in of_view for item in scan.objects]
        if of_view:
            counts[view] = ViewCounts(
                images=len(of_view),
                annotation_files=sum(scan.annotation is not None for scan in of_view),
                abnormal_objects=classes.count(ABNORMAL),
                normal_objects=classes.count(NORMAL),
            )
    return counts
