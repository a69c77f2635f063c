"""Print the boxes on a bone scan, with Ultralytics alone: python read.py bonescan.onnx scan.png."""

import os
import sys

os.environ.setdefault("YOLO_VERBOSE", "false")  # else it writes among the boxes which runtime it uses
from ultralytics import YOLO

CONFIDENCE, IOU = 0.45, 0.3  # thresholds of the shipped model, from its metadata, which Ultralytics does not apply


def main(model, scan):
    """Read a scan."""
    (result,) = YOLO(model, task="detect").predict(scan, imgsz=(1024, 256), conf=CONFIDENCE, iou=IOU)
    for corners, confidence, name in zip(result.boxes.xyxy, result.boxes.conf, result.boxes.cls, strict=True):
        print(result.names[int(name)], f"{confidence:.4f}", *(f"{corner:.2f}" for corner in corners))


if __name__ == "__main__":
    main(*sys.argv[1:])
