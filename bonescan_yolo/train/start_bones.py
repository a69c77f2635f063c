"""What the start weights see of bones on the training scans, so that a fine-tuned network goes on seeing it.

Only simulated scans come with their bones. While a network is fine-tuned on others, its features move away from under
its head for bones, so both are held to what the start weights see: their map of each scan takes the place of the
missing one (Li and Hoiem, Learning without forgetting, ECCV 2016). The maps are made once and lie in the run's folder,
so a resumed run has the same ones.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import numpy as np

from bonescan_yolo import cli
from bonescan_yolo.dataset.dataset_yaml import Dataset, bones_path
from bonescan_yolo.dataset.scan_pixels import read_grey
from bonescan_yolo.errors import DatasetError
from bonescan_yolo.files import write_bytes
from bonescan_yolo.model.weights_file import load_weights
from bonescan_yolo.regions.bone_files import SUFFIX, encode_map
from bonescan_yolo.regions.region_map import WHOLE
from bonescan_yolo.regions.seen_bones import cover_of
from bonescan_yolo.train.kept_bones import kept_map_path
from bonescan_yolo.train.network_choice import Description, build
from bonescan_yolo.train.settings import TrainConfig

KEPT_GAIN: Final = 1.0
"""How much the bones count beside the boxes if the start weights see them: as in the training of the head."""

KEPT_SHARE: Final = 0.25
"""Part of the scans of which bones are learnt then."""

FAINT: Final = 5
"""Of WHOLE, 2 %: less cover is kept as none. No bone then counts that is hardly in view, and files are smaller."""

LEAST_COVER: Final = 0.02
"""Part of the frame that bones must cover, or nothing is learnt from a scan. Six simulated bodies had 0.14 to 0.20."""


def network_that_sees_bones(start: Path | None, trust: bool) -> Any | None:
    """Return the network of start weights if it has a head for bones, in inference mode; else None.

    Raises:
        ModelError: the file cannot be loaded; `trust` is that of `load_weights`.
    """
    from bonescan_yolo.regions.region_head import region_head_of

    network = None if start is None else load_weights(start, trust)[0]
    return None if network is None or region_head_of(network) is None else network


def settle_bones(config: TrainConfig, start: Any | None, description: Description) -> TrainConfig:
    """Return a configuration that says how much bones count beside boxes, and on which part of the scans.

    Args:
        config: its `region_gain` may be null: KEPT_GAIN if the start weights have a head that fits, else 0; and its
            `region_share`: KEPT_SHARE if they have a head, else 1.
        start: of `network_that_sees_bones`.
        description: of the network that is trained.
    """
    gain, share = config.region_gain, config.region_share
    if gain is None:
        gain = KEPT_GAIN if start is not None and _has_fitting_head(start, description) else 0.0
    if share is None:
        share = 1.0 if start is None else KEPT_SHARE
    return config.model_copy(update={"region_gain": gain, "region_share": share})


def _has_fitting_head(start: Any, description: Description) -> bool:
    """Return whether all weights of a network's head fit that of another one."""
    from bonescan_yolo.regions.region_head import FEATURE_STRIDE, add_region_head

    network = build(description)
    if int(network.stride[0]) != FEATURE_STRIDE:
        return False
    add_region_head(network)
    return _head_shapes(network) == _head_shapes(start)


def _head_shapes(network: Any) -> dict[str, tuple[int, ...]]:
    from bonescan_yolo.regions.region_head import ATTRIBUTE

    state = network.state_dict()
    return {name: tuple(value.shape) for name, value in state.items() if name.startswith(f"{ATTRIBUTE}.")}


def write_kept_maps(start: Any | None, dataset: Dataset, folder: Path) -> None:
    """Write the map of each training scan that the data set has no bones of; maps of an earlier run are deleted.

    Scans that cannot be read, or that show no body, have none.

    Args:
        start: of `network_that_sees_bones`; None: there is nothing to write.
        dataset: that is trained on.
        folder: the run's KEPT_FOLDER.

    Raises:
        OutputError: the folder cannot be written to.
    """
    for old in folder.glob(f"*{SUFFIX}"):
        old.unlink()
    if start is None:
        return
    without = [image for image in dataset.images["train"] if not bones_path(image).is_file()]
    written = sum(_write_map(start, image, folder) for image in cli.progress(without, len(without), "bones"))
    if written < len(without):
        cli.say(f"note: bones are seen on {written} of {len(without)} training scans without them", sys.stderr)


def _write_map(start: Any, image: Path, folder: Path) -> bool:
    """Write the map of a scan; returns whether it has one."""
    from bonescan_yolo.train.scan_dataset import frame_of  # imports torch and Ultralytics

    try:
        frame = frame_of(read_grey(image))
    except DatasetError:
        return False  # training leaves it out, or says what is wrong with it
    cover = cover_of(start, frame)
    cover[cover < FAINT] = 0
    if cover.sum(dtype=np.int64) < LEAST_COVER * WHOLE * cover[0].size:
        return False
    write_bytes(kept_map_path(folder, image), encode_map(np.ascontiguousarray(cover.transpose(1, 2, 0))))
    return True
