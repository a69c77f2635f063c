"""`python -m bonescan_yolo.evaluate`, the same as `bonescan evaluate`."""

from bonescan_yolo.__main__ import run

if __name__ == "__main__":
    run("evaluate")
