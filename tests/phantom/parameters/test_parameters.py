"""Parameters: the shipped file is the only source of values, and a user's file changes what it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from pydantic import BaseModel

from bonescan_yolo.config import read_yaml
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.phantom.parameters import PhantomConfig, Site, parameters_with, read_parameters
from bonescan_yolo.resources import shipped_config

OPTIONAL = {"marked", "abnormal_mm", "least_over_median"}
"""Keys of a `Site` that may be left out."""


SECOND_HOSPITAL = Path(__file__).parents[3] / "configs" / "phantom_b.yaml"


def differing(changes: Mapping[str, object], values: Mapping[str, object]) -> dict[str, object]:
    """Return the part of some changes that is not the same in the values."""
    found: dict[str, object] = {}
    for key, new in changes.items():
        old = values.get(key)
        part = differing(new, old) if isinstance(new, dict) and isinstance(old, dict) else new
        if part not in (old, {}):
            found[key] = part
    return found


def records(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Yield a record type and all types of its sections."""
    yield kind
    for field in kind.model_fields.values():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from records(field.annotation)


def test_code_holds_no_value_that_the_file_should_hold() -> None:
    for kind in records(PhantomConfig):
        optional = {name for name, field in kind.model_fields.items() if not field.is_required()}
        assert optional == (OPTIONAL if kind is Site else set())


def test_without_a_file_the_shipped_values_hold() -> None:
    values = read_yaml(shipped_config("phantom.yaml"))
    assert read_parameters() == PhantomConfig.model_validate(values)


def test_a_copy_of_the_shipped_file_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_bytes(shipped_config("phantom.yaml").read_bytes())
    assert read_parameters(tmp_path / "mine.yaml") == read_parameters()


def test_the_second_hospital_names_only_what_differs() -> None:
    changes = read_yaml(SECOND_HOSPITAL)
    assert differing(changes, read_yaml(shipped_config("phantom.yaml"))) == changes
    assert read_parameters(SECOND_HOSPITAL).camera.pixel_mm[0] > read_parameters().camera.pixel_mm[1]


def test_keys_left_out_keep_the_shipped_value_at_every_depth(tmp_path: Path) -> None:
    text = "physiology: {knee: {share: 0.9}, bladder: {most_lobes: 0}}\ndisease: {sites: {rib: 0.5}}\n"
    (tmp_path / "mine.yaml").write_text(text)
    shipped, mine = read_parameters().model_dump(), read_parameters(tmp_path / "mine.yaml").model_dump()
    shipped["physiology"]["knee"]["share"] = 0.9
    shipped["physiology"]["bladder"]["most_lobes"] = 0
    shipped["disease"]["sites"]["rib"] = 0.5
    assert mine == shipped


def test_an_optional_key_can_be_taken_away() -> None:
    changed = parameters_with({"physiology": {"knee": {"least_over_median": None, "abnormal_mm": [0, 0]}}})
    assert read_parameters().physiology.knee.least_over_median is not None
    assert (changed.physiology.knee.least_over_median, changed.physiology.knee.abnormal_mm) == (None, (0.0, 0.0))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("camera: {pixel: 2}", "unknown key `camera.pixel`; did you mean `pixel_mm`"),
        ("camera: {pixel_mm: [3, 2]}", "from low to high"),
        ("camera: 3", "`camera` is 3"),
        ("disease: {healthy_share: 2}", "less than or equal to 1"),
        ("disease: {sites: {toe: 1}}", "unknown key `disease.sites.toe`"),
        ("disease: {few_lesions: [4, 1]}", "from low to high"),
        ("disease: {few_lesions: [0, 4]}", "greater than or equal to 1"),
        ("camera: {pixel_mm: [.nan, 2]}", "`camera.pixel_mm.0` is nan"),
        ("camera: {pixel_mm: [1, .inf]}", "`camera.pixel_mm.1` is inf"),
        ("camera: {counts_per_study: [-.inf, .inf]}", "`camera.counts_per_study.0` is -inf"),
        ("camera: {pixel_mm: [-2, 2]}", "greater than 0"),
        ("disease: {gain: [0, 1]}", "greater than 0"),
        ("disease: {radius_mm: [-7, 26]}", "greater than 0"),
        ("uptake: {soft_tissue: [-1, 0]}", "greater than or equal to 0"),
        ("patient: {roll_deg: [1.0e300, 1.0e308]}", "less than or equal to"),
        ("patient: {joints_deg: {knee_bend: {mean: .nan, spread: 1}}}", "finite number"),
        ("disease: {few_lesions: [1, 1000000000]}", "less than or equal to 10000"),
        ("uptake: {regions: {rib: -1}}", "greater than 0"),
        ("patient: {joints_deg: {knee_bend: {mean: 1, spread: -1}}}", "greater than or equal to 0"),
    ],
)
def test_mistakes_in_the_configuration_are_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(BonescanError, match=message) as raised:
        read_parameters(tmp_path / "mine.yaml")
    assert str(tmp_path / "mine.yaml") in str(raised.value)
