"""Print the boxes on a bone scan, with OpenCV only: python read.py bonescan.onnx scan.png."""

import sys

import cv2
import numpy as np

CLASS_NAMES = ("abnormal", "normal")
# thresholds of the shipped model, from its metadata, which OpenCV does not show; confidences by class
CONFIDENCES, IOU = (0.45, 0.45), 0.3
WEIGHT, LONE, FLOOR = 0.3, 0.4, 0.05  # how much other abnormal boxes count; the floor is fixed
HEIGHT, WIDTH = 1024, 256  # pixels of the network's input


def fit(grey):
    """Return a scan scaled without distortion into the middle of the network's input, the scale, and the margins."""
    height, width = grey.shape
    scale = min(HEIGHT / height, WIDTH / width)
    size = round(width * scale), round(height * scale)
    fitted = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    left, top = (WIDTH - size[0]) // 2, (HEIGHT - size[1]) // 2
    frame = np.zeros((HEIGHT, WIDTH), np.uint8)
    frame[top : top + size[1], left : left + size[0]] = fitted
    return frame, scale, left, top


def rescore(confidences, classes):
    """Return confidences, those of abnormal boxes rescored by how many others the scan has."""
    evidence = np.where((classes == 0) & (confidences > FLOOR), confidences, 0)
    others = evidence.sum() - evidence
    odds = confidences / (1 - confidences) * LONE * (1 + others) ** WEIGHT
    return np.where(classes == 0, odds / (1 + odds), confidences)


def main(model, scan):
    """Read a scan."""
    network = cv2.dnn.readNetFromONNX(model)
    grey = cv2.imread(scan, cv2.IMREAD_GRAYSCALE)  # height x width, uint8, hot is bright
    frame, scale, left, top = fit(grey)
    network.setInput(cv2.dnn.blobFromImage(frame, 1 / 255))
    found = network.forward()[0].T  # one row per anchor: centre x and y, width, height, a score for each class
    centres, sizes, scores = found[:, :2], found[:, 2:4], found[:, 4:]
    rectangles = np.hstack([centres - sizes / 2, sizes])
    classes, confidences = scores.argmax(axis=1), scores.max(axis=1)
    kept = np.array(cv2.dnn.NMSBoxesBatched(rectangles, confidences, classes, FLOOR, IOU), int)
    classes, confidences = classes[kept], rescore(confidences[kept], classes[kept])
    for i in np.argsort(-confidences):
        if confidences[i] <= CONFIDENCES[classes[i]]:
            continue
        x, y, width, height = rectangles[kept[i]]
        corners = np.array([x - left, y - top, x - left + width, y - top + height]) / scale
        corners = corners.clip(0, [*grey.shape[::-1], *grey.shape[::-1]])
        print(CLASS_NAMES[classes[i]], f"{confidences[i]:.4f}", *(f"{corner:.2f}" for corner in corners))


if __name__ == "__main__":
    main(*sys.argv[1:])
