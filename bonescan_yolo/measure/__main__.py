"""`python -m bonescan_yolo.measure`, the same as `bonescan measure`."""

from bonescan_yolo.commands import registry

if __name__ == "__main__":
    registry.run("measure")
