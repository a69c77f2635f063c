"""Puts the default model, its weights and the YAML files into the wheel; everything else is in pyproject.toml.

They are folders of the checkout beside the package, where users look for them, and become folders inside it. A plain
mapping of folders to packages would also take what else is in `weights/`.
"""

from __future__ import annotations

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SHIPPED = (
    "weights/bonescan-app.onnx",
    "weights/bonescan.pt",
    "configs/adapt.yaml",
    "configs/network.yaml",
    "configs/train.yaml",
    "configs/phantom.yaml",
)


class BuildWithShippedFiles(build_py):
    """Copies the shipped files beside the modules."""

    def run(self) -> None:
        """Build as usual, then copy; an editable install finds them in the checkout."""
        super().run()
        if not self.editable_mode:
            for name in SHIPPED:
                target = Path(self.build_lib) / "bonescan_yolo" / name
                self.mkpath(str(target.parent))
                self.copy_file(name, str(target))


setup(cmdclass={"build_py": BuildWithShippedFiles})
