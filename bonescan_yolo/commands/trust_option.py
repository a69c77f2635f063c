"""The option `--trust` of every command that loads a .pt file."""

from __future__ import annotations

import argparse


def add_trust_option(parser: argparse.ArgumentParser) -> None:
    """Add the option for users who want to load a .pt file that holds more than YOLO weights."""
    parser.add_argument(
        "--trust",
        action="store_true",
        help="load .pt files unchecked: code in them runs with your rights; only for files whose source you trust",
    )
