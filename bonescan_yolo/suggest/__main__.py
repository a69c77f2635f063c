"""`python -m bonescan_yolo.suggest`, the same as `bonescan suggest`."""

from bonescan_yolo.__main__ import run

if __name__ == "__main__":
    run("suggest")
