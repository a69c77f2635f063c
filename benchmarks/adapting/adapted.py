"""One adaptation: scans of a hospital out of memory, and the recipe with its changes."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
import yaml

from benchmarks.adapting import scan_sets
from benchmarks.adapting.mean_teacher import Taught, learn_from_teacher
from benchmarks.adapting.runs import RunKey
from benchmarks.adapting.scan_choice import HOSPITAL_A, RANDOM, ScanChoice, annotated_by
from benchmarks.adapting.scan_sets import ScanSet
from bonescan_yolo.adapt.adapting import adapt_network, mix_weights
from bonescan_yolo.adapt.recipe import AdaptRecipe, read_recipe
from bonescan_yolo.adapt.training_scan import TrainingScan
from bonescan_yolo.errors import SettingsError
from bonescan_yolo.files import write_bytes
from bonescan_yolo.model.torch_network import load_network
from bonescan_yolo.train.run_record import read_card

POOL, REPLAY = "b_pool", "a_replay"

SCANS_PER_STUDY: Final = 2

NOT_OF_ONE_TRAINING: Final = {"start", "seed", "folds", "curve", "curve_folds"}
"""Keys of the recipe that one training does not use."""

DIGEST_CHARS: Final = 6


def parse_changes(changes: Sequence[str]) -> dict[str, object]:
    """Return KEY=VALUE texts as nested sections; a key with dots is inside sections, a value is YAML.

    Raises:
        SettingsError: a text has another form.
    """
    sections: dict[str, object] = {}
    for text in changes:
        path, separator, value = text.partition("=")
        if not separator:
            raise SettingsError(f"{text}: is not KEY=VALUE; give for example steps=120")
        *above, key = path.split(".")
        section = sections
        for name in above:
            inner = section.setdefault(name, {})
            if not isinstance(inner, dict):
                raise SettingsError(f"{text}: `{name}` is not a section; give each key once")
            section = inner
        section[key] = yaml.safe_load(value)
    return sections


def setting_of(changes: Sequence[str], choice: ScanChoice = RANDOM) -> str:
    """Return the name of a setting: the choice of scans, the changes, and a part of the hash of the whole recipe.

    So a run with another recipe has another name, also where what is shipped has changed.

    Raises:
        SettingsError: a change is wrong.
    """
    return " ".join([*choice.words, *sorted(changes), f"@{digest(recipe_of(changes))}"])


def recipe_of(changes: Sequence[str]) -> AdaptRecipe:
    """Return the shipped recipe with changes.

    Raises:
        SettingsError: a change is wrong.
    """
    return read_recipe(None, parse_changes(changes))


def digest(recipe: AdaptRecipe) -> str:
    """Return a part of the hash of what one training uses of a recipe."""
    content = recipe.model_dump_json(exclude=NOT_OF_ONE_TRAINING)
    return hashlib.sha256(content.encode()).hexdigest()[:DIGEST_CHARS]


def adapted_network(work: Path, weights: Path, key: RunKey, recipe: AdaptRecipe, choice: ScanChoice) -> Any:
    """Return the network after adapting to the scans that the key's seed and the choice give.

    What was trained is kept below `work`, so that other shares of the start weights need no training.
    """
    trained = recipe.model_copy(update={"start_share": 0.0})
    name = "-".join([digest(trained), *choice.words, str(key.scans), str(key.seed)])
    network = kept_network(work, weights, name, lambda: _train(work, weights, key, trained, choice))
    mix_weights(network, load_network(weights).state_dict(), recipe.start_share)
    return network


def kept_network(work: Path, weights: Path, name: str, train: Callable[[], Any]) -> Any:
    """Return the network that a training gives, which is done once.

    Args:
        work: folder of the experiments; what was trained is kept below it.
        weights: that the training started from.
        name: of what was trained.
        train: returns the network after training.
    """
    kept = work / "networks" / f"{name}.pt"
    if not kept.is_file():
        _keep(train(), kept)
    network = load_network(weights)
    network.load_state_dict(torch.load(kept, weights_only=True))
    return network


def _train(work: Path, weights: Path, key: RunKey, recipe: AdaptRecipe, choice: ScanChoice) -> Any:
    """Return an adapted network; with unlabelled scans, one that has learnt from them in a second training."""
    pool, replay = own_and_replay(work, choice.hospital, recipe)
    annotated = choice.annotated(pool, key.scans, key.seed, weights)
    own = training_scans(pool.take(annotated))
    if not choice.unlabelled:
        return adapt_network(weights, own, replay, recipe, key.seed)
    others = choice.without_annotations(pool, annotated, key.seed)
    if choice.teacher:
        network = adapted_network(work, weights, key, recipe, RANDOM)
        scans = Taught(own, replay, training_scans(others))
        learn_from_teacher(network, load_network(weights), scans, recipe, choice.teacher, seed=key.seed)
        return network
    first = adapt_network(weights, own, replay, recipe, key.seed)
    marked = annotated_by(first, others, read_card(weights), choice.sure)
    repeated = own * max(1, round(len(marked) / len(own)))  # half of what is drawn is annotated by hand
    return adapt_network(weights, repeated + marked, replay, recipe, key.seed)


def own_and_replay(work: Path, hospital: str, recipe: AdaptRecipe) -> tuple[ScanSet, list[TrainingScan]]:
    """Return the scans of a hospital to choose from, and those of A that are mixed in; no scan is in both."""
    known = scan_sets.load(scan_sets.build(work, REPLAY))
    mixed_in = scan_sets.draw_studies(known, SCANS_PER_STUDY * recipe.replay_studies, seed=0)
    if hospital == HOSPITAL_A:
        own = known.take(np.setdiff1d(np.arange(len(known)), mixed_in))
    else:
        own = scan_sets.load(scan_sets.build(work, POOL))
    return own, training_scans(known.take(mixed_in))


def _keep(network: Any, path: Path) -> None:
    """Write the weights of a network."""
    content = io.BytesIO()
    torch.save(network.state_dict(), content)
    write_bytes(path, content.getvalue())


def training_scans(scans: ScanSet) -> list[TrainingScan]:
    """Return scans, which have the size of the network's frame, in the form of the training."""
    return [TrainingScan(*each) for each in zip(scans.pixels, scans.boxes, scans.classes, strict=True)]
