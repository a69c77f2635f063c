"""`python -m bonescan_yolo.predict`, the same as `bonescan predict`."""

from bonescan_yolo.commands import registry

if __name__ == "__main__":
    registry.run("predict")
