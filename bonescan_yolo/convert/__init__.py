"""Annotated scans in (BS-80K, Pascal VOC, COCO), a YOLO data set out: checked, split by patient, reported.

    reader (bs80k, voc, coco) -> Survey -> inspect (images) -> checks (boxes) -> split (patients) -> yolo (writer)

Run it with `python -m bonescan_yolo.convert`.
"""
