"""The options that the commands `export` and `release` share."""

from __future__ import annotations

import argparse

import pytest

from bonescan_yolo.export.options import add_card_options, read_rescoring
from bonescan_yolo.model.rescoring import NO_RESCORING, Rescoring


@pytest.mark.parametrize(
    ("arguments", "rescoring"),
    [
        ([], NO_RESCORING),
        (["--rescoring", "0.5", "0.2"], Rescoring(0.5, 0.2)),
        (["--context", "0.5", "0.2"], Rescoring(0.5, 0.2)),
    ],
)
def test_the_rescoring_has_its_earlier_name_too(arguments: list[str], rescoring: Rescoring) -> None:
    parser = argparse.ArgumentParser()
    add_card_options(parser)
    assert read_rescoring(parser.parse_args(arguments)) == rescoring
    assert "--context" not in parser.format_help()
