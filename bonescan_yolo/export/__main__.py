"""`python -m bonescan_yolo.export`, the same as `bonescan export`."""

from bonescan_yolo.__main__ import run

if __name__ == "__main__":
    run("export")
