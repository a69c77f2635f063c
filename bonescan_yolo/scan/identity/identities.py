"""Patients of all scans of a source together: one name alone does not show whether it or its folder is the patient.

A camera may call every file `WB_ANT001_DS` and leave the patient to the folder, while a data set may have `7.jpg` in a
folder per view. What decides is how many folders have a name for the same view.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from bonescan_yolo.scan.identity.dates import DATE_PATTERNS, find_date
from bonescan_yolo.scan.identity.names import Identity, PatientName, identify, is_date, is_of_acquisition, patient_names
from bonescan_yolo.scan.identity.view_words import view_words

SHARED_BY_FOLDERS: Final = 3
"""A name that could be a patient's must be in this many folders for the same view before their names are taken."""

VIEW_LETTER: Final = re.compile(r"(.+?)(?:_|(?<=[0-9]))([ap])", re.IGNORECASE)
"""A patient's name and a letter that may mean the view."""

NUMBERED_PATTERN: Final = r"([^/]+)[_-][0-9]{1,2}\.[^/.]+$"
"""A name that ends with a short number; its first group is what is before."""

MOST_SCANS: Final = 8
"""Scans that one patient has at most, where a name's last number may count them."""

_NO_NAME: Final = ""
"""The key of all names that cannot be a patient's: dates, and how a scan was taken."""


class DatedPrefix(NamedTuple):
    """What `--patient` should be where names have a patient, a date and more.

    Attributes:
        pattern: a regular expression; its first group is the patient.
        files: number of files in which it finds one.
        patients: number of patients that these files become.
        example: one of the files.
    """

    pattern: str
    files: int
    patients: int
    example: str


def identify_all(paths: Sequence[str], pattern: re.Pattern[str] | None = None) -> list[Identity]:
    """Return patient, view and date of each scan of a source, in the order of the paths.

    As `identify`, except that the folder is the patient where the name cannot be. That is so for names that only
    say how a scan was taken, names that are only a date, and single digits in a folder with a number, if two or
    more folders have such names for the same view (`a/WB_ANT001_DS.png`, `b/WB_ANT001_DS.png`). It is so for any
    other name that three or more folders have for the same view, if there are fewer names in these folders than
    folders. Folders that divide a set (train, site 2) are not patients. Names that differ by case alone are one
    patient. Where names leave it open, patients are merged rather than split: their scans are never on both sides
    of a split. So are names that end with A and P alone, if two or more have both (`S1_A.png`, `S1_P.png`). `pattern`
    settles it.

    Args:
        paths: inside the source, with / between folders.
        pattern: as for `identify`; paths in which it is found are decided by it alone.

    Examples:
        >>> from bonescan_yolo.scan.identity.identities import identify_all
        >>> [scan.patient for scan in identify_all(["n/WB_ANT001_DS.png", "n/WB_POST001_DS.png", "m/WB_ANT001_DS.png"])]
        ['n', 'n', 'm']
        >>> [scan.patient for scan in identify_all(["wholeBodyANT/7.jpg", "wholeBodyPOST/7.jpg", "wholeBodyANT/8.jpg"])]
        ['7', '7', '8']
    """
    found = [identify(path, pattern) for path in paths]
    free = (index for index, path in enumerate(paths) if pattern is None or not pattern.search(path))
    chains = {index: chain for index in free if (chain := patient_names(PurePosixPath(paths[index])))}
    while moved := _not_patients(found, chains):
        for index in moved:
            del chains[index][0]
    patients = [chains[index][0].name if index in chains else identity.patient for index, identity in enumerate(found)]
    both = _letters_for_views([patients[index] for index in chains])
    spelled: dict[str, str] = {}
    result = []
    for index, identity in enumerate(found):
        patient = both.get(patients[index], patients[index]) if index in chains else identity.patient
        result.append(identity._replace(patient=spelled.setdefault(patient.casefold(), patient)))
    return result


def _letters_for_views(names: Sequence[str]) -> dict[str, str]:
    """Return the patient of each name that ends with A or P, if most names do and two or more have both."""
    ends = {name: match for name in names if (match := VIEW_LETTER.fullmatch(name))}
    letters: defaultdict[str, set[str]] = defaultdict(set)
    for match in ends.values():
        letters[match[1].casefold()].add(match[2].casefold())
    pairs = [name for name, found in letters.items() if len(found) == 2]
    if len(pairs) < 2 or 2 * len(ends) < len(set(names)):
        return {}
    return {name: match[1] for name, match in ends.items()}


def _not_patients(found: Sequence[Identity], chains: Mapping[int, list[PatientName]]) -> list[int]:
    """Return which paths are named by something that is not a patient, and have a folder that may be."""
    folders: defaultdict[str, defaultdict[str | None, set[str]]] = defaultdict(lambda: defaultdict(set))
    names: defaultdict[str, set[str]] = defaultdict(set)
    for index, (first, *_) in chains.items():
        folders[_key(first)][found[index].view].add(first.folders)
        names[first.folders].add(first.name.casefold())
    return [
        index
        for index, chain in chains.items()
        if len(chain) > 1 and _is_shared(_key(chain[0]), folders[_key(chain[0])].values(), names)
    ]


def _key(name: PatientName) -> str:
    """Return the key of each name; all that cannot be a patient's have the same.

    A single digit in a folder with a number (`p12/1.png`) counts the scans of a patient.
    """
    is_count = len(name.name) == 1 and name.name.isdecimal() and re.search("[0-9][^/]*$", name.folders) is not None
    return _NO_NAME if is_count or is_date(name.name) or is_of_acquisition(name.name) else name.name.casefold()


def _is_shared(key: str, folders_by_view: Iterable[set[str]], names: Mapping[str, set[str]]) -> bool:
    """Return whether enough folders have a name for one view to be the patients."""
    folders = max(folders_by_view, key=len)
    if key == _NO_NAME:
        return len(folders) > 1
    return len(folders) >= SHARED_BY_FOLDERS and len(folders) > len(set().union(*(names[folder] for folder in folders)))


def dated_prefix(paths: Sequence[str]) -> DatedPrefix | None:
    """Return the `--patient` that groups names by what is before their date; None if it would group no more.

    It is found for names such as `BS00001_20110816_59e2` and `BS00001_20120301_77aa`: by default each is a patient,
    because what is behind the date differs.

    Args:
        paths: of the scans, inside the source, with / between folders.

    Examples:
        >>> import re
        >>> from bonescan_yolo.scan.identity.identities import dated_prefix, identify_all
        >>> paths = ["BS1_20110816_59e2.png", "BS1_20120301_77aa.png", "BS2_20110816_0b3c.png"]
        >>> suggestion = dated_prefix(paths)
        >>> suggestion.files, suggestion.patients
        (3, 2)
        >>> [scan.patient for scan in identify_all(paths, re.compile(suggestion.pattern))]
        ['BS1', 'BS1', 'BS2']
    """
    forms = [date.form for path in paths if (date := find_date(PurePosixPath(path).stem))]
    if not forms:
        return None
    form = DATE_PATTERNS[max(set(forms), key=forms.count)]
    pattern = _prefix_pattern(form, "")
    stems = [match[1] for path in paths if (match := re.search(pattern, path))]
    views = {stem[word.start : word.end] for stem in stems for word in view_words(stem) if word.names_view}
    if views:
        pattern = _prefix_pattern(form, "|".join(sorted(map(re.escape, views), key=len, reverse=True)))
    grouped: defaultdict[str, set[str]] = defaultdict(set)
    files = []
    for path, identity in zip(paths, identify_all(paths), strict=True):
        match = re.search(pattern, path)
        if match and not is_of_acquisition(match[1]) and not view_words(match[1]):
            grouped[match[1]].add(identity.patient)
            files.append((len(grouped[match[1]]), path))
    if len(grouped) < 2 or max(map(len, grouped.values())) < 2:
        return None
    return DatedPrefix(pattern, len(files), len(grouped), max(files)[1])


def numbered_prefix(paths: Sequence[str]) -> DatedPrefix | None:
    """Return the `--patient` that groups names by what is before their last number; None if that number is no count.

    It is found for names such as `p1_1`, `p1_2`, `p2_1`, `p2_2`: by default each is a patient, because nothing says
    that the last number counts the scans of one.

    Args:
        paths: of the scans, inside the source, with / between folders.
    """
    identities = identify_all(paths)
    grouped: defaultdict[str, list[str]] = defaultdict(list)
    for path, identity in zip(paths, identities, strict=True):
        match = re.search(NUMBERED_PATTERN, path)
        if match and any(letter.isdigit() for letter in match[1]) and identity.view is None:
            grouped[match[1]].append(path)
    several = {name: files for name, files in grouped.items() if 1 < len(files) <= MOST_SCANS}
    if 2 * sum(map(len, several.values())) <= len(paths) or len(several) < 2:
        return None
    if len({identity.patient for identity in identities}) <= len(grouped):
        return None
    files = sum(map(len, grouped.values()))
    return DatedPrefix(NUMBERED_PATTERN, files, len(grouped), next(iter(several.values()))[1])


def _prefix_pattern(date: str, views: str) -> str:
    """Return the regular expression of what is before a date in a file name, without the words for a view around it."""
    before, behind = (rf"(?:(?:{views})[\s_.-]*)?", rf"(?:[\s_.-]*(?:{views}))?") if views else ("", "")
    return rf"{before}([^/]+?){behind}[\s_.-]*(?<![0-9]){date}(?![0-9])[^/]*$"
