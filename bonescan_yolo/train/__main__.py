"""`python -m bonescan_yolo.train`, the same as `bonescan train`."""

from bonescan_yolo.commands import registry

if __name__ == "__main__":
    registry.run("train")
