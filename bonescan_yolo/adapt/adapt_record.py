"""The files of an adaptation: its state, by which a stopped one goes on, and `run.json` when it has ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from bonescan_yolo.adapt.adapt_outcome import AdaptOutcome, Kept
from bonescan_yolo.adapt.adapted_files import EXPORT_NAME
from bonescan_yolo.adapt.fold_figures import Compared
from bonescan_yolo.adapt.recipe import AdaptRecipe
from bonescan_yolo.adapt.trainings import ALL_SCANS, TRAININGS_FOLDER
from bonescan_yolo.convert.conversion import OWN_ENTRIES as CONVERTED_ENTRIES
from bonescan_yolo.dataset.dataset_yaml import Dataset
from bonescan_yolo.errors import OutputError
from bonescan_yolo.evaluate.bootstrap import Figure
from bonescan_yolo.export.exporting import paths_of
from bonescan_yolo.files import read_regular, sha256_of, write_text
from bonescan_yolo.output.run_folders import RunKind
from bonescan_yolo.train.run_record import RECORDED_PACKAGES, RUN_FILE, git_commit
from bonescan_yolo.train.scan_lists import LISTS, LISTS_YAML, SCAN_LISTS
from bonescan_yolo.version import __version__, package_versions

SCHEMA_VERSION: Final = 1

STATE_FILE: Final = "adapt_state.json"
REPORT_FILE: Final = "adapt.md"
SCANS_FOLDER: Final = "scans"
"""The user's scans as `convert` writes them; not there if they were converted before."""

WEIGHTS_FILE: Final = Path("weights") / "best.pt"

ADAPTATION: Final = RunKind(
    what="adaptation",
    example="adapt",
    marker=STATE_FILE,
    worth=RUN_FILE,
    own={
        ".": (
            STATE_FILE,
            RUN_FILE,
            REPORT_FILE,
            SCANS_FOLDER,
            SCAN_LISTS,
            TRAININGS_FOLDER,
            WEIGHTS_FILE.parent.name,
            *(path.name for path in paths_of(Path(EXPORT_NAME)).values()),
        ),
        SCANS_FOLDER: tuple(sorted(CONVERTED_ENTRIES)),
        SCAN_LISTS: (LISTS_YAML, *LISTS.values()),
        TRAININGS_FOLDER: ("fold-*.pt", f"{ALL_SCANS}.pt"),
        WEIGHTS_FILE.parent.name: (WEIGHTS_FILE.name,),
    },
)

DIFFERENCES: Final = {
    "data_sha256": "other scans or annotations",
    "start_sha256": "other start weights",
    "recipe": "another recipe",
    "version": "another version of bonescan_yolo",
}
"""What another run differs in, by key of the state."""

State = Mapping[str, Any]


def describe_state(dataset: Dataset, start: Path, recipe: AdaptRecipe) -> State:
    """Return what the trainings of a run depend on."""
    values = recipe.model_dump(mode="json")
    del values["start"]  # a path; the hash says which weights
    return {
        "schema_version": SCHEMA_VERSION,
        "data_sha256": dataset.sha256(),
        "start_sha256": sha256_of(start),
        "recipe": values,
        "version": __version__,
    }


def require_same_state(out: Path, state: State) -> None:
    """Check that a stopped run in `out`, if there is one, has the same state.

    Raises:
        OutputError: it has another one, or its state is damaged.
    """
    path = out / STATE_FILE
    if not path.is_file() or (out / RUN_FILE).exists():
        return
    try:
        stored = json.loads(read_regular(path))
        other = [words for key, words in DIFFERENCES.items() if stored[key] != state[key]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutputError(
            f"{path}: is damaged, so the run cannot go on; delete {out} or choose another --out"
        ) from error
    if other:
        raise OutputError(
            f"{out}: holds a stopped run with {' and '.join(other)}; finish that one with its own command, delete it, "
            "or choose another --out"
        )


def write_state(out: Path, state: State) -> None:
    """Write the state of a run that begins or goes on."""
    write_text(out / STATE_FILE, json.dumps(state, indent=2) + "\n")


def write_record(out: Path, outcome: AdaptOutcome, recipe: AdaptRecipe, state: State, yaml: Path) -> None:
    """Write `run.json`; its `trained_on`, `data` and `weights` are those of a training run's.

    Args:
        out: the run's folder.
        outcome: of the run.
        recipe: of the run.
        state: of the run.
        yaml: the dataset.yaml of the scans.
    """
    weights = out / WEIGHTS_FILE
    record = {
        "schema_version": SCHEMA_VERSION,
        "trained_on": outcome.trained_on,
        "kept": outcome.kept.value,
        "recipe": recipe.model_dump(mode="json"),
        "seed": recipe.seed,
        "start": {"name": outcome.start_name, "sha256": state["start_sha256"]},
        "data": {
            "path": str(yaml),
            "sha256": state["data_sha256"],
            "scans": outcome.scans,
            "patients": outcome.patients,
        },
        "weights": {"best": None if outcome.kept is Kept.NOTHING else sha256_of(weights)},
        "thresholds": outcome.thresholds.as_record(),
        "operating_points": None if outcome.operating_points is None else outcome.operating_points.as_record(),
        "figures": None if outcome.compared is None else _figures(outcome.compared),
        "learning_curve": None if outcome.curve is None else [asdict(point) for point in outcome.curve.points],
        "int8_refusal": outcome.int8_refusal,
        "seconds": round(outcome.seconds, 1),
        "versions": package_versions(RECORDED_PACKAGES),
        "git_commit": git_commit(),
    }
    write_text(out / RUN_FILE, json.dumps(record, indent=2) + "\n")


def _figures(compared: Compared) -> dict[str, dict[str, dict[str, object]]]:
    """Return all figures of both models and their difference, by key."""

    def described(figures: Mapping[str, Figure]) -> dict[str, dict[str, object]]:
        return {key: asdict(figure) for key, figure in figures.items()}

    return {
        "start": described(compared.start),
        "start_at_own_thresholds": described(compared.at_own),
        "adapted": described(compared.adapted),
        "difference": described(compared.difference),
        "start_by_thresholds": described(compared.by_thresholds),
    }
