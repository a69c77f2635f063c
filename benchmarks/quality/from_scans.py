"""Pictures made from simulated scans that are no upright scan of one whole body."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.quality.shifts import Pixels, resized

Change = Callable[[Pixels, Pixels], Pixels]
"""From the anterior and the posterior view of a patient."""


def part(front: Pixels, first: float, last: float) -> Pixels:
    """Return the rows between two parts of the body's height."""
    rows = np.flatnonzero((front > 4).sum(axis=1) > 3)
    top, height = int(rows[0]), int(rows[-1] - rows[0])
    return front[max(0, top + int(first * height)) : top + int(last * height)]


def head_and_chest(front: Pixels, _: Pixels) -> Pixels:
    """Return head and chest, with the air above."""
    return part(front, -0.05, 0.33)


def head_to_pelvis(front: Pixels, _: Pixels) -> Pixels:
    """Return everything above the thighs."""
    return part(front, -0.05, 0.5)


def chest(front: Pixels, _: Pixels) -> Pixels:
    """Return the chest alone."""
    return part(front, 0.15, 0.36)


def pelvis(front: Pixels, _: Pixels) -> Pixels:
    """Return the pelvis alone."""
    return part(front, 0.36, 0.55)


def trunk(front: Pixels, _: Pixels) -> Pixels:
    """Return shoulders to thighs."""
    return part(front, 0.14, 0.55)


def legs(front: Pixels, _: Pixels) -> Pixels:
    """Return the legs, with the air below."""
    return part(front, 0.52, 1.05)


def below_waist(front: Pixels, _: Pixels) -> Pixels:
    """Return pelvis and legs."""
    return part(front, 0.36, 1.05)


def without_head(front: Pixels, _: Pixels) -> Pixels:
    """Return a body cut at the shoulders."""
    return part(front, 0.17, 1.05)


def skull(front: Pixels, _: Pixels) -> Pixels:
    """Return the head alone."""
    return part(front, -0.05, 0.13)


def knees(front: Pixels, _: Pixels) -> Pixels:
    """Return the knees alone."""
    return part(front, 0.65, 0.85)


def chest_in_full_frame(front: Pixels, back: Pixels) -> Pixels:
    """Return a chest that fills a square frame, as a spot view does."""
    return resized(chest(front, back), 256, 256)


def legs_in_full_frame(front: Pixels, back: Pixels) -> Pixels:
    """Return the legs alone on the frame of a whole body."""
    only = np.zeros_like(front)
    lower = legs(front, back)
    only[400 : 400 + len(lower)] = lower[:624]
    return only


def trunk_in_full_frame(front: Pixels, back: Pixels) -> Pixels:
    """Return the trunk alone on the frame of a whole body."""
    only = np.zeros_like(front)
    middle = trunk(front, back)
    only[200 : 200 + len(middle)] = middle
    return only


def head_and_chest_in_full_frame(front: Pixels, back: Pixels) -> Pixels:
    """Return head and chest on the frame of a whole body."""
    only = np.zeros_like(front)
    upper = head_and_chest(front, back)
    only[: len(upper)] = upper
    return only


def lying_head_left(front: Pixels, _: Pixels) -> Pixels:
    """Return a scan turned by 90 degrees counter-clockwise."""
    return np.rot90(front)


def lying_head_right(front: Pixels, _: Pixels) -> Pixels:
    """Return a scan turned by 90 degrees clockwise."""
    return np.rot90(front, 3)


def upside_down(front: Pixels, _: Pixels) -> Pixels:
    """Return a scan turned by 180 degrees."""
    return np.rot90(front, 2)


def flipped(front: Pixels, _: Pixels) -> Pixels:
    """Return a scan with its rows in the opposite order."""
    return front[::-1]


def lying_on_square(front: Pixels, _: Pixels) -> Pixels:
    """Return a lying scan with air above and below."""
    return np.pad(np.rot90(front), ((384, 384), (0, 0)))


def side_by_side(front: Pixels, back: Pixels) -> Pixels:
    """Return both views beside each other."""
    return np.hstack([front, back])


def side_by_side_white(front: Pixels, back: Pixels) -> Pixels:
    """Return both views beside each other, dark on white."""
    return 255 - np.minimum(side_by_side(front, back) * 3.0, 255).astype(np.uint8)


def side_by_side_cut(front: Pixels, back: Pixels) -> Pixels:
    """Return both views cut close and put beside each other."""
    return np.hstack([front[:, 30:226], back[:, 30:226]])


def four_panels(front: Pixels, back: Pixels) -> Pixels:
    """Return both views at two windows in four panels side by side."""
    bright = [np.minimum(view * 4.0, 255).astype(np.uint8) for view in (front, back)]
    return np.hstack([front, back, *bright])


def four_panels_square(front: Pixels, back: Pixels) -> Pixels:
    """Return four panels, two above two."""
    return np.vstack([side_by_side(front, back), side_by_side(back, front)])


def four_panels_with_text(front: Pixels, back: Pixels) -> Pixels:
    """Return four panels below a line of text, as a screen capture shows them."""
    panels = four_panels(front, back)
    panels[4:28, 20:400:3] = 255
    return panels


def capture_of_two(front: Pixels, back: Pixels) -> Pixels:
    """Return both views small on a wide screen with a frame line."""
    screen = np.zeros((768, 1024), np.uint8)
    screen[100:740, 200:360] = resized(front, 160, 640)
    screen[100:740, 600:760] = resized(back, 160, 640)
    screen[60:62, 100:900] = 200
    return screen


def stacked(front: Pixels, back: Pixels) -> Pixels:
    """Return one view above the other."""
    return np.vstack([front, back])


def mirrored_and_stacked(front: Pixels, _: Pixels) -> Pixels:
    """Return a scan above its reflection."""
    return np.vstack([front, front[::-1]])


def stacked_head_to_head(front: Pixels, _: Pixels) -> Pixels:
    """Return a scan below its reflection."""
    return np.vstack([front[::-1], front])


def half_a_body(front: Pixels, _: Pixels) -> Pixels:
    """Return a scan cut in two from head to feet."""
    return front[:, :128]


def squashed(front: Pixels, _: Pixels) -> Pixels:
    """Return a scan squashed to a square."""
    return resized(front, 512, 512)


def silhouette(front: Pixels, _: Pixels) -> Pixels:
    """Return the body's outline as a mask of two levels."""
    return (front > 4).astype(np.uint8) * 255


def shuffled(front: Pixels, _: Pixels) -> Pixels:
    """Return a scan's pixels in random order."""
    return np.random.default_rng(1).permutation(front.ravel()).reshape(front.shape)


def hot_as_dark(front: Pixels, _: Pixels) -> Pixels:
    """Return a scan dark on white in a wide black frame, as light boxes show films: the background is black."""
    return np.pad(255 - np.minimum(front * 3.0, 255).astype(np.uint8), ((60, 60), (200, 200)))


def few_thousand_counts(front: Pixels, _: Pixels) -> Pixels:
    """Return a scan of 8000 counts."""
    return np.random.default_rng(1).binomial(front, 8000 / front.sum(dtype=np.float64)).astype(np.float32)


def white_out(front: Pixels, _: Pixels) -> Pixels:
    """Return a scan at a window so bright that nearly all of the body is white."""
    return np.minimum(front * 60.0, 255).astype(np.uint8)


CHANGES: tuple[Change, ...] = (
    head_and_chest,
    head_to_pelvis,
    chest,
    pelvis,
    trunk,
    legs,
    below_waist,
    without_head,
    skull,
    knees,
    chest_in_full_frame,
    legs_in_full_frame,
    trunk_in_full_frame,
    head_and_chest_in_full_frame,
    lying_head_left,
    lying_head_right,
    upside_down,
    flipped,
    lying_on_square,
    side_by_side,
    side_by_side_white,
    side_by_side_cut,
    four_panels,
    four_panels_square,
    four_panels_with_text,
    capture_of_two,
    stacked,
    mirrored_and_stacked,
    stacked_head_to_head,
    half_a_body,
    squashed,
    silhouette,
    shuffled,
    hot_as_dark,
    few_thousand_counts,
    white_out,
)
