"""The picture of the worst scans is not written into the repository if it shows patients."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from benchmarks.realism import worst_scans
from benchmarks.realism.contact_sheet import REPOSITORY
from bonescan_yolo.errors import BonescanError
from tests.factories import make_dataset


def test_patients_are_not_shown_inside_the_repository(tmp_path: Path, model_path: Path) -> None:
    yaml = make_dataset(tmp_path / "set")
    arguments = ["--data", str(yaml), "--model", str(model_path), "--split", "all"]
    with pytest.raises(BonescanError, match="inside the repository"):
        worst_scans.main([*arguments, "--out", str(REPOSITORY / "docs" / "worst.png")])
    assert worst_scans.main([*arguments, "--out", str(tmp_path / "worst.png")]) == 0
    with Image.open(tmp_path / "worst.png") as image:
        assert image.width % worst_scans.WORST == 0
