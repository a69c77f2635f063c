"""Bones and sites on simulated scans: `python -m benchmarks.regions --weights best.pt SCANS...`.

Each of SCANS was written by `bonescan simulate --regions`. Without weights the true bones take the place of the map:
the most that the rule for sites allows.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable, Sequence
from operator import itemgetter
from pathlib import Path

import numpy as np

from benchmarks.regions.bone_figures import Cover, Overlaps, SiteCounts, shares
from benchmarks.regions.simulated_bones import ScanWithBones, read_simulated_bones
from bonescan_yolo.regions.region_map import WHOLE, bone_map

Look = Callable[[ScanWithBones], Cover]

SHOWN = 12
"""Regions of low Dice, and kinds of wrong regions, that are printed."""


def main(arguments: Sequence[str]) -> int:
    """Print the figures of each folder; returns 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.regions", description=__doc__)
    parser.add_argument("scans", type=Path, nargs="+", metavar="SCANS", help="folders of simulated scans with bones")
    parser.add_argument("--weights", type=Path, help=".pt file with a head for bones")
    options = parser.parse_args(arguments)
    look = look_up if options.weights is None else network_look(options.weights)
    for folder in options.scans:
        _report(folder, look)
    return 0


def look_up(scan: ScanWithBones) -> Cover:
    """Return the true bones of a scan."""
    return bone_map(scan.masks).transpose(2, 0, 1).astype(np.float32) / WHOLE


def network_look(weights: Path) -> Look:
    """Return how a network sees bones.

    Raises:
        ValueError: it has no head for them.
    """
    from bonescan_yolo.third_party.ultralytics_setup import prepare_ultralytics

    prepare_ultralytics()
    import torch

    from bonescan_yolo.model.torch_network import load_network
    from bonescan_yolo.regions.region_head import region_head_of, region_logits
    from bonescan_yolo.scan.display import body_level, to_tones

    network = load_network(weights)
    head = region_head_of(network)
    if head is None:
        raise ValueError(f"{weights}: has no head for bones")
    head.eval()

    def look(scan: ScanWithBones) -> Cover:
        tones = torch.from_numpy(to_tones(scan.grey, body_level(scan.grey)))[None, None]
        with torch.inference_mode():
            logits = region_logits(head, tones, network(tones)[1]["feats"][0])
        cover: Cover = logits[0].sigmoid().numpy()
        return cover

    return look


def _report(folder: Path, look: Look) -> None:
    """Print the figures of a folder."""
    overlaps, sites = Overlaps(), SiteCounts()
    for scan in read_simulated_bones(folder):
        cover = look(scan)
        overlaps.add(scan, cover)
        sites.add(scan, cover)
    print(f"{folder}")
    for view, dice in overlaps.dice().items():
        low = ", ".join(f"{region} {value:.2f}" for region, value in sorted(dice.items(), key=itemgetter(1))[:SHOWN])
        print(f"  Dice, {view}: mean {statistics.mean(dice.values()):.3f}; lowest {low}")
    print(f"  sites: {', '.join(f'{name} {value:.3f}' for name, value in shares(sites.counts).items())}")
    print(f"  boxes: {dict(sites.counts)}")
    wrong = sites.wrong.most_common(SHOWN)
    print(f"  wrong: {'; '.join(f'{view} {true} as {named}: {count}' for (view, true, named), count in wrong)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
