"""`python -m bonescan_yolo.convert`, the same as `bonescan convert`."""

from bonescan_yolo.commands import registry

if __name__ == "__main__":
    registry.run("convert")
