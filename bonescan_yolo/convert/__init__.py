"""Annotated scans in (BS-80K, Pascal VOC, COCO), a YOLO data set out: checked, split by patient, reported.

    readers/{bs80k,voc,coco}      a folder or zip file -> Survey: a FoundScan per scan, and problems
    images, scan_checks           FoundScan -> CheckedScan, or a problem
    split                         CheckedScan -> DatasetScan, with its split and paths
    dataset_writer                DatasetScan -> images, labels, dataset.yaml, scans.csv
    conversion_report             convert_report.json and convert_report.txt

Run it with `bonescan convert`.
"""
