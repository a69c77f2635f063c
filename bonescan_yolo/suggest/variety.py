"""Which scans to annotate: those that the model doubts and that stand for others, whole studies, never alike twice.

With five to twenty scans, the most doubtful ones alone are a bad choice: they are alike, and often odd ones out. So a
study is worth its doubt times how many scans it stands for that no suggested one stands for yet, per scan of it
(information density, Settles and Craven, EMNLP 2008; coverage as a submodular function, Wei et al., ICML 2015). The
fewer scans are asked for, the more each has to stand for, so that few suggestions are typical and many go into
details (Hacohen et al., Active learning on a budget, ICML 2022).

Both views of a study are suggested together: a reader needs both to tell a metastasis from wear and reads them at
once, and folds by patient keep them together anyway. They are one idea: what a study is worth is divided by its scans.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.suggest.looks import FINDINGS_SIZE, GRAIN_SIZE, LOOK_SIZE, SHAPE_SIZE
from bonescan_yolo.suggest.scores import ScanFeatures

SHARES = ((SHAPE_SIZE, 1.0), (FINDINGS_SIZE, 1.0), (GRAIN_SIZE, 0.5))
"""Parts of a look: number of values, and how much the part counts. Each is scaled by its spread over the scans."""

BLOCK = 64
"""Studies that are compared with all scans at once: more would only take memory."""

LEAST_REACH = 1e-5
"""Of looks whose spread is about 1: of scans that all look the same, each stands for all."""


def choose(
    features: Sequence[ScanFeatures],
    number: int,
    studies: Sequence[Sequence[int]] | None = None,
    patients: Sequence[object] | None = None,
    annotated: Sequence[int] = (),
) -> list[int]:
    """Return the scans to annotate, most telling first, as indices into `features`.

    Args:
        features: of all scans, annotated ones included.
        number: of scans wanted. A study is taken whole, so there may be one or two more; fewer if there are no others.
        studies: the scans of each study; None takes each scan for a study.
        patients: whose each scan is. A second study of a patient comes only after one of each other patient. None takes
            each study for a patient.
        annotated: scans that are annotated already. They are not returned, nor is anything alike.
    """
    known = set(annotated)
    whole = [[scan] for scan in range(len(features))] if studies is None else studies
    groups = [group for study in whole if (group := [scan for scan in study if scan not in known])]
    groups = [sorted(group, key=lambda scan: -features[scan].doubt) for group in groups]
    owners = [group[0] if patients is None else patients[group[0]] for group in groups]
    used = set() if patients is None else {patients[scan] for scan in known}
    coverage = Coverage(scaled_looks(features), number + len(known))
    coverage.take(annotated)
    chosen: list[int] = []
    for place in _best_first(groups, [_weight(features, group) for group in groups], owners, used, coverage):
        if len(chosen) >= number:
            break
        chosen += groups[place]
    return chosen


def _best_first(
    groups: Sequence[Sequence[int]],
    weights: Sequence[float],
    owners: Sequence[object],
    used: set[object],
    coverage: Coverage,
) -> Iterator[int]:
    """Yield the places of all groups, each the one that is worth most after those before; `used` owners come later.

    What a group is worth only falls as others are taken. So one that is still worth more than the others once were is
    the best, and few have to be computed anew (lazy greedy search: Minoux 1978).
    """
    gains = coverage.gains(groups)
    waiting = [(-weight * gain, place) for place, (weight, gain) in enumerate(zip(weights, gains, strict=True))]
    later: list[tuple[float, int]] = []
    while waiting or later:
        if not waiting:  # every patient has one
            waiting, later, used = later, [], set()
        heapq.heapify(waiting)
        while waiting:
            entry = heapq.heappop(waiting)
            place = entry[1]
            if owners[place] in used:
                later.append(entry)
                continue
            now = (-weights[place] * coverage.gains([groups[place]])[0], place)
            if waiting and now > waiting[0]:
                heapq.heappush(waiting, now)
                continue
            coverage.take(groups[place])
            used = used | {owners[place]}
            yield place


def stands_for(features: Sequence[ScanFeatures], chosen: Sequence[int]) -> list[int]:
    """Return for each chosen scan how many scans, itself included, are more like it than like another chosen one."""
    looks = scaled_looks(features)
    if not chosen:
        return []
    distances = _squared_distances(looks, chosen)
    distances[np.arange(len(chosen)), list(chosen)] = -1  # nearer than another one that looks the same
    return np.bincount(distances.argmin(axis=0), minlength=len(chosen)).tolist()


class Coverage:
    """How well each scan is stood for by those taken so far, 0 to 1.

    A scan stands for itself wholly, and for another by half if their looks are as far apart as the reaches of both, in
    the geometric mean (self-tuning: Zelnik-Manor and Perona, NIPS 2004). The reach of a scan among many like it is
    short, that of one full of disease long. So an odd one out stands for the other odd ones.
    """

    def __init__(self, looks: NDArray[np.float64], number: int) -> None:
        """Begin with nothing taken.

        Args:
            looks: (N, values) float64.
            number: of scans that will be taken. Each should stand for its part of all, which sets the reach.
        """
        self._looks = looks
        self._covered = np.zeros(len(looks))
        self.reach = _reaches(looks, math.ceil(len(looks) / max(number, 1)))

    def gains(self, groups: Sequence[Sequence[int]]) -> list[float]:
        """Return for each group of scans how much better all would be stood for with it, per scan of the group."""
        found: list[float] = []
        for start in range(0, len(groups), BLOCK):
            block = groups[start : start + BLOCK]
            sizes = np.array([len(group) for group in block])
            alike = self._likeness([scan for group in block for scan in group])
            best = np.maximum.reduceat(alike, np.cumsum(sizes) - sizes, axis=0)
            found += (np.maximum(best - self._covered, 0).sum(axis=1) / sizes).tolist()
        return found

    def take(self, scans: Sequence[int]) -> None:
        """Count these as taken."""
        for start in range(0, len(scans), BLOCK):
            alike = self._likeness(scans[start : start + BLOCK])
            self._covered = np.maximum(self._covered, alike.max(axis=0))

    def _likeness(self, scans: Sequence[int]) -> NDArray[np.float64]:
        """Return how well each of some scans stands for each of all, (scans, N)."""
        reaches = self.reach[list(scans), None] * self.reach[None, :]
        return np.asarray(np.exp2(-_squared_distances(self._looks, scans) / reaches))


def scaled_looks(features: Sequence[ScanFeatures]) -> NDArray[np.float64]:
    """Return the looks of all scans, (N, values) float64, in which each part has its share of the mean distance."""
    looks = np.array([feature.look for feature in features], np.float64).reshape(len(features), LOOK_SIZE)
    parts, start = [], 0
    for size, share in SHARES:
        part = looks[:, start : start + size]
        part = part - part.sum(axis=0) / max(len(part), 1)
        spread = float(np.square(part).sum()) / max(len(part), 1)
        parts.append(part * math.sqrt(share / spread) if spread > 0 else part)
        start += size
    return np.concatenate(parts, axis=1)


def _weight(features: Sequence[ScanFeatures], group: Sequence[int]) -> float:
    """Return how much the doubts about a study count: 1 without any, 2.4 for three doubtful boxes per scan, 3.8 for 16.

    The logarithm keeps a patient with fifty doubtful boxes, who is work for an hour, from outweighing everything else.
    The 1 is for what the model is wrong about and sure of.
    """
    return 1 + math.log1p(sum(features[scan].doubt for scan in group) / len(group))


def _reaches(looks: NDArray[np.float64], neighbours: int) -> NDArray[np.float64]:
    """Return the distance of each scan to the last of its nearest `neighbours`, (N,); at least a tiny one."""
    rank = min(neighbours, len(looks) - 1)
    squares = [
        np.partition(_squared_distances(looks, range(start, min(start + BLOCK, len(looks)))), rank, axis=1)[:, rank]
        for start in range(0, len(looks), BLOCK)
    ]
    return np.maximum(np.sqrt(np.concatenate([*squares, []])), LEAST_REACH)


def _squared_distances(looks: NDArray[np.float64], scans: Sequence[int]) -> NDArray[np.float64]:
    """Return the squared distance of some scans to each of all looks (N, values), (scans, N), never negative."""
    some = looks[list(scans)]
    norms = np.square(looks).sum(axis=1)
    return np.maximum(norms[list(scans), None] + norms[None, :] - 2 * some @ looks.T, 0)
