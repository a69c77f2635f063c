"""`python -m bonescan_yolo.measure`, the same as `bonescan measure`."""

from bonescan_yolo.__main__ import run

if __name__ == "__main__":
    run("measure")
