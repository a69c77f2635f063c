"""Print the boxes on a bone scan, with onnxruntime only: python read.py bonescan-app.onnx scan.png."""

import json
import os
import sys

import numpy as np
from PIL import Image

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # else onnxruntime 1.32 reports to its vendor
import onnxruntime

onnxruntime.set_default_logger_severity(3)  # errors only; it warns that the thresholds are optional inputs


def check(card):
    """Return what is wrong with a model's description, or None."""
    if card is None:
        return "is not a model of bonescan_yolo; export it with `bonescan export`"
    if card["schema"] > 5:
        return f"has description schema {card['schema']}, newer than 5, the newest supported; get a newer program"
    if card.get("layout") != "app":
        return "is not of the layout `app`; give the file whose name ends in -app.onnx or -app-int8.onnx"
    return None


def main(model, scan):
    """Read a scan."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    card = json.loads(session.get_modelmeta().custom_metadata_map.get("bonescan_yolo", "null"))
    if wrong := check(card):
        print(f"{model}: {wrong}", file=sys.stderr)
        return 2
    grey = np.asarray(Image.open(scan).convert("L"))  # height x width, uint8, hot is bright
    feeds = {"scan": grey}  # may also hold "confidence", for both classes, and "iou", as np.array(0.5, np.float32)
    (boxes,) = session.run(["boxes"], feeds)
    for *corners, confidence, number in boxes:
        print(card["class_names"][int(number)], f"{confidence:.4f}", *(f"{corner:.2f}" for corner in corners))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
