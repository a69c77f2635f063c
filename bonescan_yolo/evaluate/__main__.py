"""`python -m bonescan_yolo.evaluate`, the same as `bonescan evaluate`."""

from bonescan_yolo.commands import registry

if __name__ == "__main__":
    registry.run("evaluate")
