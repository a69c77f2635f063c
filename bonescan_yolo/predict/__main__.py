"""`python -m bonescan_yolo.predict`, the same as `bonescan predict`."""

from bonescan_yolo.__main__ import run

if __name__ == "__main__":
    run("predict")
