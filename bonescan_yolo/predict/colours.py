"""The colours of every picture: of the two classes, of texts and background, and the palette of the files."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageColor

CLASS_COLOURS = ("#ff5a36", "#35c9a5")
"""Vermilion and bluish green: different colours in the common forms of colour blindness."""

GREYS, SHADES = 224, 16
"""Colours of the picture: with SHADES of each class's colour, 256 in all."""

BACKGROUND = "#101010"
TEXT_COLOUR = "#d8d8d8"
DOUBT_COLOUR = "#ffffff"


def in_palette(picture: Image.Image) -> Image.Image:
    """Return a picture in greys and shades of each class's colour on the background, however few pixels have it.

    It is half as large as in full colour and takes a quarter of the time to encode. No pixel of the scan changes by
    more than 4 grey levels: Pillow looks colours up coarsely.
    """
    return picture.quantize(palette=_palette(), dither=Image.Dither.NONE)


def _palette() -> Image.Image:
    """Return an image that holds the palette."""
    greys = [round(255 * level / (GREYS - 1)) for level in range(GREYS)]
    colours = [(grey, grey, grey) for grey in greys]
    dark = np.array(ImageColor.getrgb(BACKGROUND))
    for name in CLASS_COLOURS:
        parts = np.arange(1, SHADES + 1)[:, None] / SHADES
        colours += np.rint(dark + parts * (np.array(ImageColor.getrgb(name)) - dark)).astype(int).tolist()
    image = Image.new("P", (1, 1))
    image.putpalette([value for colour in colours for value in colour])
    return image
