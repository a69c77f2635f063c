"""`python -m bonescan_yolo.convert`, the same as `bonescan convert`."""

from bonescan_yolo.__main__ import run

if __name__ == "__main__":
    run("convert")
