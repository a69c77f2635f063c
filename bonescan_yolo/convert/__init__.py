"""Annotated scans in (BS-80K, Pascal VOC, COCO, ...), a YOLO data set out: checked, split by patient, reported.

    annotation_formats, readers/         a folder, zip or file -> AnnotatedImage: what is annotated, image not yet known
    class_map                            class names -> abnormal, normal, or left out
    matching, assignment, image_index    AnnotatedImage -> Survey: a FoundScan per scan, and problems
    images, scan_checks                  FoundScan -> CheckedScan, or a problem
    split                                CheckedScan -> DatasetScan, with its split and paths
    dataset_writer                       DatasetScan -> images, labels, dataset.yaml, scans.csv
    conversion_report                    convert_report.json and convert_report.txt

Run it with `bonescan convert`.
"""
