"""`python -m bonescan_yolo.adapt`, the same as `bonescan adapt`."""

from bonescan_yolo.__main__ import run

if __name__ == "__main__":
    run("adapt")
