"""`python -m bonescan_yolo.phantom`, the same as `bonescan simulate`."""

from bonescan_yolo.commands import registry

if __name__ == "__main__":
    registry.run("simulate")
