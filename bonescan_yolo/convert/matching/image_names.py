"""What the name of an image in an annotation file may mean: paths of other systems, URLs, names that tools changed."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

UPLOAD_PREFIX: Final = re.compile(r"(?!(?:19|20)[0-9]{6}-)[0-9a-f]{8}-(?=.)")
"""What Label Studio puts before the name of an uploaded file: `ab12cd34-scan.png`. A date is not one."""

ROBOFLOW_NAME: Final = re.compile(r"(.+)_(?:png|jpe?g|bmp|tiff?)\.rf\.[0-9A-Za-z]{6,}")
"""The stem that Roboflow gives a file: `scan_png.rf.0123456789abcdef`."""

FRAME_NAME: Final = re.compile(r"(.+)-([1-9]\d{0,3})")
"""The stem of an output for one frame of a file of several: `scan-2`."""

ADDED_WORDS: Final = frozenset(
    {"mask", "masks", "overlay", "overlays", "seg", "segmentation", "segmentations", "segmented", "label", "labels"}
    | {"labelled", "labeled", "box", "boxes", "bbox", "bboxes", "gt", "groundtruth", "pred", "preds", "prediction"}
    | {"predictions", "heatmap", "heatmaps", "vis", "visualisation", "visualization", "annotated", "annotation"}
    | {"annotations", "drawn", "contour", "contours", "outline", "outlines", "viz", "cam", "result", "results"}
    | {"thumb", "thumbs", "thumbnail", "thumbnails", "preview", "previews", "resized", "crop", "cropped", "clahe"}
    | {"enhanced", "equalised", "equalized", "denoised", "filtered", "sharpened", "inv", "inverted"}
)
"""Words that name a picture made from a scan, such as `7_mask.png` and `overlays/7.png`, or its annotation."""

COPY_WORDS: Final = frozenset(
    {"copy", "flip", "flipped", "hflip", "vflip", "fliplr", "flipud", "mirror", "mirrored", "rot", "rotated"}
    | {"aug", "augmented", "shifted", "scaled"}
)
"""Words that name a changed copy of a scan; a number may follow, as in `7_rot90.png` and `7_aug_2.png`."""

_ADDED_END: Final = re.compile(
    rf"(?:[\s_.-]+(?:{'|'.join(sorted(ADDED_WORDS))}|(?:{'|'.join(sorted(COPY_WORDS))})[\s_.-]?\d{{0,3}}))+",
    re.IGNORECASE,
)

_TOKEN: Final = re.compile(r"\d+|[^\W\d_]+")


def paths_in(name: str) -> list[str]:
    r"""Return the paths that the name of an image may mean, the most literal first, with forward slashes.

    Examples:
        >>> from bonescan_yolo.convert.matching.image_names import paths_in
        >>> paths_in(r"..\ANT\0.png"), paths_in("/data/local-files/?d=ANT/0%20a.png")
        (['../ANT/0.png'], ['/data/local-files/?d=ANT/0%20a.png', 'ANT/0 a.png'])
    """
    literal = name.strip().replace("\\", "/")
    found = [literal]
    if "?" in literal or "://" in literal:
        try:
            url = urlsplit(literal)
            found += [path for key in ("d", "path", "file") for path in parse_qs(url.query).get(key, [])]
            found.append(unquote(url.path))
        except ValueError:  # not a URL after all
            pass
    found.append(unquote(literal))
    usable = [path.replace("\\", "/") for path in found if stem_of(path)]
    return list(dict.fromkeys(path for path in usable if path == literal or "?" not in path))


def fold(text: str) -> str:
    """Return a name as it is compared without case; composed and decomposed letters are the same."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def stem_of(path: str) -> str:
    """Return the file name of a path with forward slashes without its suffix; empty for the name of a folder."""
    return "" if path.endswith("/") else PurePosixPath(path).stem


def original_stem(stem: str) -> str:
    """Return the stem that a file had before Label Studio or Roboflow renamed it."""
    match = ROBOFLOW_NAME.fullmatch(stem)
    return match[1] if match else UPLOAD_PREFIX.sub("", stem, count=1) if UPLOAD_PREFIX.match(stem) else stem


def original_path(path: str) -> str:
    """Return the path that a scan had before a tool renamed or changed it, by which its patient is known.

    Examples:
        >>> from bonescan_yolo.convert.matching.image_names import original_path
        >>> original_path("train/7_ant_png.rf.0123456789abcdef.jpg"), original_path("7_ant_flip.png")
        ('train/7_ant.jpg', '7_ant.png')
    """
    file = PurePosixPath(path)
    stem = original_stem(file.stem)
    added = next((found for found in _ADDED_END.finditer(stem) if found.end() == len(stem)), None)
    if added is not None and re.search(r"\d", stem[: added.start()]):
        stem = stem[: added.start()]
    return file.with_name(f"{stem}{file.suffix}").as_posix()


def frame_in(stem: str) -> tuple[str, int] | None:
    """Return the file's stem and the index from 0 that a stem such as `scan-2` means, or None."""
    match = FRAME_NAME.fullmatch(stem)
    return (match[1], int(match[2]) - 1) if match else None


def words_of(stem: str) -> tuple[str, ...]:
    """Return a stem's words and numbers, folded, without leading zeros, ADDED_WORDS, and COPY_WORDS with number."""
    words = [word.lstrip("0") or "0" if word.isdecimal() else word for word in _TOKEN.findall(fold(stem))]
    kept = tuple(
        word
        for before, word in zip(["", *words], words, strict=False)
        if not (word in ADDED_WORDS or word in COPY_WORDS or (word.isdecimal() and before in COPY_WORDS))
    )
    return kept or tuple(words)


def names_made_picture(path: str) -> bool:
    """Return whether a path names a picture that was made from a scan: a word in its stem or nearest folder."""
    file = PurePosixPath(path)
    return any(map(_has_added_word, (file.stem, file.parent.name)))


def is_renamed_copy(path: str) -> bool:
    """Return whether the stem of a path names a picture that was made from a scan, whatever its folder."""
    return _has_added_word(PurePosixPath(path).stem)


def _has_added_word(name: str) -> bool:
    return any(word in ADDED_WORDS or word in COPY_WORDS for word in _TOKEN.findall(fold(name)))
