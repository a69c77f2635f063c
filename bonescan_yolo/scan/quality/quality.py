"""Whether pixels can be a whole-body bone scan at all, judged before the model speaks.

A scan is reduced to at most 256 blocks a side. Blocks brighter than a part of the body's level are the body; its
outline has to be that of one upright body with air around it. `docs/explanation/quality.md` explains each code and says
how far real and simulated scans are from each limit; `web/src/scan/quality.ts` follows the same rule.
"""

from __future__ import annotations

from dataclasses import dataclass

from bonescan_yolo.scan.quality.block_outline import BlockOutline, Pixels, is_body_when_inverted, outline_of
from bonescan_yolo.scan.quality.pixel_facts import counts_by_grain, counts_in, is_mask, saturated_part
from bonescan_yolo.scan.quality.several_bodies import bodies_beside, is_pair, is_stacked

LEAST_AIR = 0.15
"""Part of the frame that is air; scans cut close to a stout body have 0.21."""

MOST_FRAMED = 0.75
"""Part of the left and of the right edge of the frame that may be body."""

MOST_SIDE_CUT, DOUBTFUL_SIDE_CUT = 0.65, 0.5
"""Brightness of the first or the last column, part of the brightest one's: a trunk cut in two has 1, an arm 0.3."""

MOST_TOP_CUT, DOUBTFUL_TOP_CUT = 0.45, 0.2
"""Width of the body in the first row of the frame, part of its whole width: a head has about 0.3, shoulders 0.8."""

MOST_BOTTOM_CUT, DOUBTFUL_BOTTOM_CUT = 0.6, 0.4
"""The same in the last row: two ankles have 0.35, two thighs 0.6, a waist 0.9."""

LEAST_ELONGATION, DOUBTFUL_ELONGATION = 1.5, 2.3
"""Height of the body over its width: 2.5 to 4.3 on simulated scans, 1.9 where the legs are missing; 1.6 where a viewer
made a scan twice as wide."""

LEAST_LONG = 1.8
"""Length over width of a body that lies, and of one that is dark in a bright rectangle."""

MOST_EMPTY_ROWS = 0.35
"""Part of the rows between head and feet that hold nothing."""

MOST_CHANGES = 16.0
"""How far brightness goes up and down between head and feet, in parts of the brightest row's: 4 to 8 on scans, 13 where
the window hides most of the body, 70 in a column of text."""

UPSIDE_DOWN = 0.53
"""Where the body's brightness is centred, from its head (0) to its feet (1): 0.37 to 0.49 when it is upright."""

MOST_TAPER = 1.05
"""Blocks of the upper third of an upside down body, part of those of the lower third: to 0.8 on simulated scans, from
1.1 when they are upright. Knees and feet hotter than the trunk move the centre of brightness, not this."""

MOST_SATURATED, DOUBTFUL_SATURATED = 0.5, 0.15
"""Part of the body that is as bright as an 8-bit picture can show."""

LEAST_COUNTS = 12_000
"""Fewer counts are noise. In pictures they are estimated from the grain (`pixel_facts.counts_by_grain`)."""

DOUBTFUL_COUNTS = 500_000
"""Counts of a scan below which the burden of disease that programs measure is several times less certain."""


@dataclass(frozen=True)
class Doubt:
    """One reason to doubt that pixels are a whole-body bone scan that can be read.

    Attributes:
        code: a fixed word for programs, such as `two_views`.
        message: one sentence part for people: what is wrong and what to do.
        refuses: whether nothing can be read from such a scan; the others are read with a word of warning.
    """

    code: str
    message: str
    refuses: bool


@dataclass(frozen=True)
class Quality:
    """The doubts about one scan, worst first; none if it looks like a whole-body bone scan."""

    doubts: tuple[Doubt, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether the scan is not to be read unless the user insists."""
        return any(doubt.refuses for doubt in self.doubts)

    @property
    def refusal(self) -> str | None:
        """The message of the doubt that refuses, or None."""
        return next((doubt.message for doubt in self.doubts if doubt.refuses), None)

    @property
    def in_words(self) -> str:
        """All doubts in one line, the worst first; empty if there are none."""
        return "; ".join(doubt.message for doubt in self.doubts)


def assess(pixels: Pixels, pixel_spacing_mm: tuple[float, float] | None = None) -> Quality:
    """Return the doubts about pixels (height, width), grey levels or counts, hot is high.

    Args:
        pixels: of a scan.
        pixel_spacing_mm: height and width of a pixel, for bodies whose pixels are not square; None takes them as such.

    Returns:
        At most one doubt that refuses, then those that only warn.

    Examples:
        >>> import numpy as np
        >>> from bonescan_yolo.scan.quality.quality import assess
        >>> lying = np.zeros((256, 1024), np.float32)
        >>> lying[100:156, 100:900] = 20  # a bar in place of a body
        >>> lying[100:156, 100:400] = 40  # with a brighter trunk on the left
        >>> assess(lying).doubts[0].code, assess(np.rot90(lying, 3)).refused
        ('lying', False)
    """
    outline = outline_of(pixels, pixel_spacing_mm)
    if outline is None:
        return Quality((Doubt("empty", "shows nothing; check how it was exported", refuses=True),))
    reason = _refusal(pixels, outline)
    warnings = () if reason is not None and reason.code in _NO_BODY else _warnings(pixels, outline)
    return Quality((*((reason,) if reason is not None else ()), *warnings))


_NO_WHOLE_BODY = (
    "no_body",
    "shows no whole body, perhaps one organ or spot far brighter than the rest, or another picture; give a whole-body "
    "bone scan",
)

_NO_BODY = ("mask", "noise", "no_air", "inverted", "no_body", "two_views", "cropped", "lying")
"""Codes after which nothing else about a body makes sense."""


def _refusal(pixels: Pixels, outline: BlockOutline) -> Doubt | None:
    """Return the first reason why pixels cannot be an upright whole body, or None."""
    found = _no_scan(pixels, outline) or _no_whole_body(outline)
    if found is not None:
        return Doubt(*found, refuses=True)
    if _is_upside_down(outline):
        return Doubt("upside_down", "shows the body upside down; turn it by 180 degrees (--turn 180)", refuses=True)
    if saturated_part(pixels, outline) > MOST_SATURATED:
        return Doubt("saturated", "shows most of the body in white; export it with a wider window", refuses=True)
    return None


def _is_upside_down(outline: BlockOutline) -> bool:
    """Return whether a body is on its head; where legs are missing its centre is low without that."""
    return outline.elongation >= DOUBTFUL_ELONGATION and outline.centre > UPSIDE_DOWN and outline.taper < MOST_TAPER


def _no_scan(pixels: Pixels, outline: BlockOutline) -> tuple[str, str] | None:
    """Return code and message if pixels are not a scan of anything, or None."""
    if counts_by_grain(pixels) < LEAST_COUNTS:
        return "noise", "shows noise or hardly any counts, no body; check how it was exported"
    if is_mask(pixels):
        return "mask", "has only two levels, as a mask or a drawing; give the scan itself"
    if outline.frame_filled > MOST_FRAMED and is_body_when_inverted(outline, LEAST_LONG):
        return "inverted", "shows hot as dark; invert it (--inverted yes)"
    if outline.air < LEAST_AIR or outline.both_sides > MOST_FRAMED:
        return (
            "no_air",
            "has no dark air around a body; give a whole-body bone scan, without a frame or window around it",
        )
    return None


def _no_whole_body(outline: BlockOutline) -> tuple[str, str] | None:
    """Return code and message if a scan does not show one upright or upside down body as a whole, or None."""
    cut_ends = outline.top_cut > MOST_TOP_CUT or outline.bottom_cut > MOST_BOTTOM_CUT
    pair = outline.elongation < DOUBTFUL_ELONGATION and is_pair(outline)
    if (pair and not cut_ends) or bodies_beside(outline) > 1:
        return (
            "two_views",
            "shows two bodies side by side, only legs, or a bar beside the body; crop it to one view each",
        )
    if is_stacked(outline):
        return "two_views", "shows two bodies one above the other, or another picture; crop it to one view each"
    if outline.elongation * LEAST_LONG < 1:
        turn = 90 if outline.centre_across < 1 / 2 else 270  # clockwise: what is on the left goes to the top
        return "lying", f"shows the body lying; turn it by {turn} degrees clockwise (--turn {turn})"
    if cut_ends or outline.side_cut > MOST_SIDE_CUT:
        return "cropped", "shows only a part of the body, or another picture; give the whole scan"
    ragged = outline.empty_rows > MOST_EMPTY_ROWS or outline.changes > MOST_CHANGES
    if ragged or outline.elongation < LEAST_ELONGATION:
        return _NO_WHOLE_BODY
    return None


def _warnings(pixels: Pixels, outline: BlockOutline) -> tuple[Doubt, ...]:
    """Return the doubts about a body that do not refuse it."""
    total = counts_in(pixels)
    cut_ends = outline.top_cut > DOUBTFUL_TOP_CUT or outline.bottom_cut > DOUBTFUL_BOTTOM_CUT
    cut_sides = outline.side_cut > DOUBTFUL_SIDE_CUT
    saturated = DOUBTFUL_SATURATED < saturated_part(pixels, outline) <= MOST_SATURATED
    few = f"has {total or 0:,.0f} counts; with less than {DOUBTFUL_COUNTS:,} hot spots are easily missed"
    found = (
        (cut_ends or cut_sides, "cut_at_edge", "is cut off by the edge of the picture; what is outside is not read"),
        (
            outline.elongation < DOUBTFUL_ELONGATION,
            "short_body",
            "shows an unusually short body; check that head and legs are there",
        ),
        (saturated, "overexposed", "shows much of the body in white; hot spots there are not seen"),
        (total is not None and total < DOUBTFUL_COUNTS, "few_counts", few),
    )
    return tuple(Doubt(code, message, refuses=False) for holds, code, message in found if holds)
