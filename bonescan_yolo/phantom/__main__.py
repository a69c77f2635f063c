"""`python -m bonescan_yolo.phantom`, the same as `bonescan simulate`."""

from bonescan_yolo.__main__ import run

if __name__ == "__main__":
    run("simulate")
