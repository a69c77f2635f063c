"""Print the boxes on a bone scan, with Ultralytics only: python read.py bonescan.onnx scan.png."""

import os
import sys

os.environ.setdefault("YOLO_VERBOSE", "false")  # else it prints its runtime among the boxes
import numpy as np
from ultralytics import YOLO

# thresholds of the shipped model, from its metadata, which Ultralytics does not apply; confidences by class
CONFIDENCES, IOU = (0.45, 0.45), 0.3
WEIGHT, LONE, FLOOR = 0.3, 0.4, 0.05  # how much other abnormal boxes count; the floor is fixed


def rescore(confidences, classes):
    """Return confidences, those of abnormal boxes rescored by how many others the scan has."""
    evidence = np.where((classes == 0) & (confidences > FLOOR), confidences, 0)
    others = evidence.sum() - evidence
    odds = confidences / (1 - confidences) * LONE * (1 + others) ** WEIGHT
    return np.where(classes == 0, odds / (1 + odds), confidences)


def main(model, scan):
    """Read a scan."""
    (result,) = YOLO(model, task="detect").predict(scan, imgsz=(1024, 256), conf=FLOOR, iou=IOU)
    boxes, classes = result.boxes.xyxy.numpy(), result.boxes.cls.numpy()
    confidences = rescore(result.boxes.conf.numpy(), classes)
    for i in np.argsort(-confidences):
        if confidences[i] > CONFIDENCES[int(classes[i])]:
            print(result.names[int(classes[i])], f"{confidences[i]:.4f}", *(f"{corner:.2f}" for corner in boxes[i]))


if __name__ == "__main__":
    main(*sys.argv[1:])
