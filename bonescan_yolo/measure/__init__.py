"""Hot spots measured: outlined inside their boxes, with area, uptake ratios and a planar burden index a study.

    Reading -> outline (pixels) -> hot_spots (figures a scan) -> study (both views) -> JSON, PNG, COCO, CSV

Needs nothing but what reading a scan needs. Run it with `python -m bonescan_yolo.measure`.
"""
