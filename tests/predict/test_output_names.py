"""Names of output files never collide."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonescan_yolo.predict.output_names import MAX_STEM_BYTES, OutputNames


def names_of(*files: tuple[str, int]) -> list[str]:
    """Return the names handed out for files of some frames, in order."""
    paths = [Path(name) for name, _ in files]
    names = OutputNames(paths)
    return [names.next(path, frames) for path, (_, frames) in zip(paths, files, strict=True) for _ in range(frames)]


def test_a_scan_alone_keeps_its_stem() -> None:
    assert names_of(("a/1.png", 1), ("a/2.dcm", 1)) == ["1", "2"]


def test_frames_are_numbered() -> None:
    assert names_of(("a/1.dcm", 2)) == ["1-1", "1-2"]


def test_files_of_one_name_are_numbered() -> None:
    assert names_of(("a/1.png", 1), ("b/1.png", 1), ("c/1.dcm", 2)) == ["1-1", "1-2", "1-3", "1-4"]


def test_case_alone_is_no_difference() -> None:
    assert names_of(("Scan.png", 1), ("scan.jpg", 1)) == ["Scan-1", "scan-2"]


def test_numbers_that_another_file_has_are_passed_over() -> None:
    assert names_of(("a/1.png", 1), ("b/1.png", 1), ("1-1.png", 1)) == ["1-2", "1-3", "1-1"]


@pytest.mark.parametrize("letter", ["x", "é", "骨"])
def test_names_too_long_for_their_outputs_are_shortened(letter: str) -> None:
    size = len(letter.encode())
    kept, long = letter * (MAX_STEM_BYTES // size), letter * (MAX_STEM_BYTES // size + 1)
    assert names_of((f"{kept}.png", 1)) == [kept]
    (name,) = names_of((f"a/{long}.png", 1))
    assert name.startswith(letter * 60)
    assert MAX_STEM_BYTES - size < len(name.encode()) <= MAX_STEM_BYTES
    assert names_of((f"a/{long}.png", 1), ("2.png", 1)) == [name, "2"]  # whatever other files there are
    assert names_of((f"{long}.png", 1), (f"{long}1.png", 1), (f"1{long}.png", 1))[0] == name


def test_long_names_are_numbered_as_others_are() -> None:
    long = "x" * 240
    (name,) = names_of((f"{long}.png", 1))
    assert names_of((f"{long}.dcm", 2)) == [f"{name}-1", f"{name}-2"]
    assert names_of((f"a/{long}.png", 1), (f"b/{long}.png", 1)) == [f"{name}-1", f"{name}-2"]
    assert names_of((f"{long}.png", 1), (f"{name}.png", 1)) == [f"{name}-1", f"{name}-2"]
    assert len(f"{name}-999999_outlines.png") <= 255


def test_control_characters_become_underscores() -> None:
    assert names_of(("a\nb.png", 1), ("c\x1bd\x85\u2028.png", 1)) == ["a_b", "c_d__"]
    assert names_of(("a\nb.png", 1), ("a_b.png", 1)) == ["a_b-1", "a_b-2"]


@given(
    st.lists(
        st.tuples(
            st.builds(
                "{}/{}{}.{}".format,
                st.sampled_from("xy"),
                st.sampled_from(["a", "A", "b", "a\n", "a_", "x" * 240, "X" * 240, "x" * 241]),
                st.sampled_from(["", "-1", "-2", "-1-1"]),
                st.sampled_from(["png", "dcm"]),
            ),
            st.integers(1, 3),
        ),
        unique_by=lambda item: item[0],
    )
)
def test_no_two_names_are_equal_whatever_their_case(files: list[tuple[str, int]]) -> None:
    names = names_of(*files)
    assert len({name.lower() for name in names}) == len(names) == sum(frames for _, frames in files)
