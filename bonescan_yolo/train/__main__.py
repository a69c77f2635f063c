"""`python -m bonescan_yolo.train`, the same as `bonescan train`."""

from bonescan_yolo.__main__ import run

if __name__ == "__main__":
    run("train")
