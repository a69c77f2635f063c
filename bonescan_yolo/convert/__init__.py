"""Annotated scans in (BS-80K, Pascal VOC, COCO, ...), a YOLO data set out: checked, split by patient, reported.

    annotation_formats, readers/             a folder, zip or file -> AnnotatedImage: annotations, images not yet found
    class_map                                class names -> abnormal, normal, or left out
    matching/                                AnnotatedImage -> Survey: a FoundScan per scan, and problems
    images, checks/                          FoundScan -> CheckedScan, or a problem
    split                                    CheckedScan -> DatasetScan, with its split and paths
    dataset_writer                           DatasetScan -> images, labels, dataset.yaml, scans.csv
    conversion_outcome, _report, _summary    counts, convert_report.json and convert_report.txt

Run it with `bonescan convert`.
"""
