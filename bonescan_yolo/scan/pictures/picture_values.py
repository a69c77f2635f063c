"""The grey values of a decoded picture, whatever its channels, depth and transparency; `scan.read` has the rules."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bonescan_yolo.errors import ScanError

COLOUR_TOLERANCE = 6.0 / 255
"""Mean difference between the channels of a pixel, as a share of white, above which a picture counts as coloured.

Grey pictures saved as colour JPEG, and grey scans with red annotations, have less than 2 of 255 grey levels;
photographs 20 and more.
"""

COLOURED_PART = 0.5
"""The same as a part of the brightest channel's mean, for pictures that are dark as a whole, as scans are: a scan in
black, red and yellow has 0.9, a grey one with several red marks 0.2."""

TRANSPARENT_NOTE = "transparent in parts, which count as black"

_GREY_MODES = ("L", "1", "I", "F")
_ALPHA_MODES = ("LA", "La", "PA", "RGBA", "RGBa")


def grey_values(frame: Image.Image, name: str, reopen: Callable[[], Image.Image]) -> tuple[NDArray[Any], bool]:
    """Return the grey values of a frame as stored, (height, width), and whether a part of it is transparent.

    Args:
        frame: not loaded yet.
        name: the scan's name in errors.
        reopen: returns the frame once more, not loaded; colour of 16 bit is decoded in two halves.

    Raises:
        ScanError: the picture is coloured, or has its drawing in its transparency alone.
    """
    raw = _raw_mode(frame)
    if ";16" in raw and raw.startswith(("LA", "RGB")):
        return _flatten(_deep_channels(frame, raw, reopen), frame.info.get("transparency"), name)
    frame.load()
    key = frame.info.get("transparency")
    mode = frame.mode
    if mode.split(";")[0] in _GREY_MODES:
        values = np.asarray(frame)
        return (values, False) if key is None else _flatten(values[..., None], _scaled(key, raw), name)
    if mode in _ALPHA_MODES or (mode == "P" and (key is not None or _palette_mode(frame) == "RGBA")):
        return _flatten(np.asarray(frame.convert("RGBA")), None, name)
    return _flatten(np.asarray(frame.convert("RGB")), key, name)


def _raw_mode(frame: Image.Image) -> str:
    """Return how the file packs the channels of a frame that is not loaded yet, by Pillow's name; empty if unknown."""
    tiles = getattr(frame, "tile", None)
    packing = tiles[0][3] if tiles else ""
    return str(packing[0] if isinstance(packing, tuple) and packing else packing)


def _palette_mode(frame: Image.Image) -> str:
    return frame.palette.mode if frame.palette is not None else ""


def _scaled(key: Any, raw: str) -> Any:
    """Return the transparent level of a grey picture as it is once decoded: 2 and 4 bits are spread over 8."""
    if raw == "1":
        return key > 0
    bits = raw.partition("L;")[2]
    return key * (255 // (2 ** int(bits) - 1)) if bits in ("2", "4") else key


def _deep_channels(frame: Image.Image, raw: str, reopen: Callable[[], Image.Image]) -> NDArray[Any]:
    """Return colour, or grey with alpha, of 16 bit: (height, width, channels) uint16.

    Pillow has no mode for it and keeps the high byte of each value, in which counts below 256 are 0. The high bytes of
    one byte order are the low bytes of the other, so the frame is decoded once in each.
    """
    kind, _, order = raw.partition(";16")
    if kind == "LA":  # PNG alone has it: two values of two bytes, taken for four of one
        high_low = _decoded(frame, "RGBA").astype(np.uint16)
        return high_low[..., ::2] << 8 | high_low[..., 1::2]
    order = {"N": "L" if sys.byteorder == "little" else "B"}.get(order, order or "L")
    high = _decoded(frame, f"{kind};16{order}")
    low = _decoded(reopen(), f"{kind};16{'B' if order == 'L' else 'L'}")
    return high.astype(np.uint16) << 8 | low


def _decoded(frame: Image.Image, raw: str) -> NDArray[np.uint8]:
    """Return the bytes of a frame, unpacked in another way than its file says."""
    frame.tile = [_repacked(tile, raw) for tile in getattr(frame, "tile", [])]  # type: ignore[attr-defined]
    return np.asarray(frame)


def _repacked(tile: Any, raw: str) -> Any:
    """Return a tile, a tuple of Pillow's, whose last part says that its values are packed in another way."""
    packing = tile[-1]
    repacked = (raw, *packing[1:]) if isinstance(packing, tuple) else raw
    if hasattr(tile, "_replace"):  # a named tuple since Pillow 11.1
        return tile._replace(args=repacked)
    return (*tile[:-1], repacked)


def _flatten(channels: NDArray[Any], key: Any, name: str) -> tuple[NDArray[Any], bool]:
    """Return channels, of which the last of two or four is alpha, as grey on black, and whether alpha matters.

    Args:
        channels: (height, width, 1 to 4) of 8 or 16 bit.
        key: the colour that is fully transparent (PNG, 11.3.2.1 tRNS), or None.
        name: the scan's name in errors.
    """
    colour = channels[..., : channels.shape[-1] - 1 + channels.shape[-1] % 2]
    opaque = _alpha(channels, key)
    if opaque is None:
        return grey_of_channels(colour, name), False
    grey = grey_of_channels(colour, name)
    seen = grey[opaque > 0]
    if seen.size and seen.min() == seen.max():
        raise ScanError(f"{name}: has its drawing in its transparency alone; save it as grey without transparency")
    return grey_of_channels(_on_black(colour, opaque), name), True


def _alpha(channels: NDArray[Any], key: Any) -> NDArray[Any] | None:
    """Return how opaque each pixel is, (height, width) of the channels' type; None if all are fully."""
    whole = np.iinfo(channels.dtype).max if channels.dtype.kind == "u" else 1
    if channels.shape[-1] in (2, 4):
        opaque = channels[..., -1]
    elif key is not None:
        opaque = np.where((channels == np.asarray(key)).all(axis=-1), 0, whole).astype(channels.dtype)
    else:
        return None
    return None if opaque.min() == whole else opaque


def _on_black(colour: NDArray[Any], opaque: NDArray[Any]) -> NDArray[Any]:
    """Return colour times opacity, rounded."""
    if colour.dtype.kind != "u":
        return colour * (opaque[..., None] > 0)
    whole = int(np.iinfo(colour.dtype).max)
    product = colour.astype(np.uint64) * opaque[..., None]
    return ((product + whole // 2) // whole).astype(colour.dtype)


def grey_of_channels(colour: NDArray[Any], name: str) -> NDArray[Any]:
    """Return the mean of one or three channels, (height, width, channels), rounded; refuses what is coloured."""
    if colour.shape[-1] == 1:
        return colour[..., 0]
    red, green, blue = (np.ascontiguousarray(colour[..., channel]) for channel in range(3))
    highest = np.maximum(np.maximum(red, green), blue)
    lowest = np.minimum(np.minimum(red, green), blue)
    white = 255 if colour.dtype == np.uint8 else int(highest.max())
    difference = float((highest - lowest).mean())
    if difference > min(COLOUR_TOLERANCE * white, COLOURED_PART * float(highest.mean())):
        raise ScanError(f"{name}: is a colour picture; give a grey scan")
    total = red.astype(np.uint32) + green + blue
    return ((total + 1) // 3).astype(colour.dtype)
