"""`python -m bonescan_yolo.export`, the same as `bonescan export`."""

from bonescan_yolo.commands import registry

if __name__ == "__main__":
    registry.run("export")
