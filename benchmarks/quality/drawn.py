"""Pictures drawn with numpy and Pillow that are no bone scans."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.quality.shifts import Pixels

HEIGHT, WIDTH = 1024, 256


def _rng() -> np.random.Generator:
    return np.random.default_rng(7)


def _blobs(shape: tuple[int, int], blobs: list[tuple[float, float, float, float, float]], air: float = 1.0) -> Pixels:
    """Return Poisson counts of soft ellipses: middle row and column, half height and width, counts a pixel."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    mean = np.full(shape, air)
    for row, column, half_height, half_width, level in blobs:
        mean += level / (1 + np.exp(8 * (np.hypot((rows - row) / half_height, (columns - column) / half_width) - 1)))
    return np.minimum(_rng().poisson(mean), 255).astype(np.uint8)


def _smoothed_noise(shape: tuple[int, int], coarse: int) -> Pixels:
    small = _rng().integers(0, 256, (shape[0] // coarse, shape[1] // coarse), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize(shape[::-1], Image.Resampling.BICUBIC))


def black() -> Pixels:
    """Return nothing."""
    return np.zeros((HEIGHT, WIDTH), np.uint8)


def even_grey() -> Pixels:
    """Return one level."""
    return np.full((HEIGHT, WIDTH), 90, np.uint8)


def even_noise() -> Pixels:
    """Return evenly spread levels."""
    return _rng().integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8)


def poisson_noise() -> Pixels:
    """Return an even field of 10 counts a pixel: a flood image."""
    return _rng().poisson(10, (HEIGHT, WIDTH)).astype(np.float32)


def thin_noise() -> Pixels:
    """Return single bright pixels."""
    return np.where(_rng().random((HEIGHT, WIDTH)) < 0.03, 255, 0).astype(np.uint8)


def noise_in_a_body() -> Pixels:
    """Return single bright pixels where a body could be."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    body = ((columns - 128) / 90) ** 2 + ((rows - 450) / 400) ** 2 < 1
    return np.where(body & (_rng().random((HEIGHT, WIDTH)) < 0.05), 200, 0).astype(np.uint8)


def noise_of_dashes() -> Pixels:
    """Return bright dashes that thin out towards the lower end, as some files of BS-80K hold in place of scans."""
    starts = _rng().random((HEIGHT, WIDTH)) < 0.03 * np.clip(1.4 - np.arange(HEIGHT) / 600, 0, 1)[:, None]
    dashes = starts | np.roll(starts, 1, axis=1)
    return np.where(dashes, _rng().integers(120, 256, (HEIGHT, WIDTH)), 0).astype(np.uint8)


def clouds() -> Pixels:
    """Return smooth noise."""
    return _smoothed_noise((HEIGHT, WIDTH), 32)


def coarse_clouds() -> Pixels:
    """Return very smooth noise."""
    return _smoothed_noise((HEIGHT, WIDTH), 128)


def noise_of_salt() -> Pixels:
    """Return dark grey with black and white pixels."""
    draw = _rng().random((512, 512))
    return np.where(draw < 0.05, 0, np.where(draw > 0.95, 255, 60)).astype(np.uint8)


def noise_of_lines() -> Pixels:
    """Return rows of random brightness."""
    return np.repeat(_rng().integers(0, 200, (HEIGHT, 1), dtype=np.uint8), WIDTH, axis=1)


def slope_down() -> Pixels:
    """Return a slope of brightness from top to bottom."""
    return np.repeat(np.linspace(0, 255, HEIGHT).astype(np.uint8)[:, None], WIDTH, axis=1)


def slope_aside() -> Pixels:
    """Return a slope of brightness from left to right."""
    return np.repeat(np.linspace(0, 255, WIDTH).astype(np.uint8)[None], HEIGHT, axis=0)


def slope_round() -> Pixels:
    """Return a brightness that falls from the middle."""
    rows, columns = np.mgrid[:512, :512]
    return np.maximum(0, 255 - np.hypot(rows - 256, columns - 256)).astype(np.uint8)


def stripes() -> Pixels:
    """Return bars of a test pattern."""
    return np.repeat(((np.arange(HEIGHT) // 40) % 2 * 180).astype(np.uint8)[:, None], WIDTH, axis=1)


def bar_phantom() -> Pixels:
    """Return the four quarters of a bar phantom in counts."""
    rows, columns = np.mgrid[:512, :512]
    pitch = np.where(rows < 256, np.where(columns < 256, 8, 12), np.where(columns < 256, 16, 20))
    line = np.where((rows < 256) == (columns < 256), rows, columns)
    inside = np.hypot(rows - 256, columns - 256) < 240
    return _rng().poisson(np.where(inside, (line // pitch) % 2 * 20 + 1, 0.1)).astype(np.float32)


def disc() -> Pixels:
    """Return a disc."""
    return _blobs((512, 512), [(256, 256, 150, 150, 40)])


def small_ellipse() -> Pixels:
    """Return a small upright ellipse on a scan's frame."""
    return _blobs((HEIGHT, WIDTH), [(300, 128, 60, 45, 40)], 0.2)


def lying_ellipse() -> Pixels:
    """Return a lying ellipse."""
    return _blobs((512, 512), [(256, 256, 60, 200, 40)], 0.2)


def lungs() -> Pixels:
    """Return two lungs."""
    return _blobs((256, 256), [(120, 85, 70, 32, 60), (120, 170, 72, 34, 60)])


def lungs_in_full_frame() -> Pixels:
    """Return two lungs on the frame of a whole body."""
    return _blobs((HEIGHT, WIDTH), [(320, 85, 90, 32, 60), (320, 170, 92, 34, 60)], 0.3)


def thyroid() -> Pixels:
    """Return the two lobes of a thyroid."""
    return _blobs((256, 256), [(128, 108, 34, 14, 80), (128, 146, 36, 15, 80), (140, 127, 12, 16, 40)], 3.0)


def kidneys() -> Pixels:
    """Return two kidneys, with a body's faint trunk."""
    return _blobs((256, 256), [(110, 80, 36, 20, 90), (114, 176, 36, 20, 90), (128, 128, 130, 90, 6)], 0.5)


def heart() -> Pixels:
    """Return a heart's ring."""
    return _blobs((128, 128), [(64, 64, 24, 20, 90), (64, 64, 12, 9, -70), (64, 64, 60, 55, 8)], 1.0)


def brain() -> Pixels:
    """Return a slice of a brain."""
    return _blobs((128, 128), [(64, 64, 50, 40, 60), (64, 64, 18, 8, -40)])


def liver() -> Pixels:
    """Return a liver and spleen."""
    return _blobs((256, 256), [(120, 90, 60, 70, 70), (130, 205, 34, 22, 60)])


def stomach() -> Pixels:
    """Return a stomach with bowel."""
    return _blobs((256, 256), [(90, 150, 40, 26, 90), (150, 130, 18, 40, 50)])


def whole_body_glands() -> Pixels:
    """Return an iodine scan: throat, stomach and bladder as spots, hardly a body."""
    spots = [(150, 128, 14, 14, 200.0), (330, 150, 30, 24, 120.0), (520, 128, 20, 22, 200.0)]
    return _blobs((HEIGHT, WIDTH), [*spots, (420, 128, 400, 70, 0.6)], 0.05)


def chest_xray() -> Pixels:
    """Return an X-ray-like chest: bright all over with dark lungs and ribs."""
    rows, columns = np.mgrid[:512, :512]
    picture = 170 - 60 * np.hypot((rows - 256) / 400, (columns - 256) / 300)
    for side in (150, 362):
        lung = np.hypot((rows - 250) / 170, (columns - side) / 80) < 1
        picture = np.where(lung, 70 + 25 * (np.sin((rows + 0.3 * np.abs(columns - 256)) / 12) > 0.4), picture)
    return np.clip(picture + _rng().normal(0, 6, picture.shape), 0, 255).astype(np.uint8)


def hand_xray() -> Pixels:
    """Return an X-ray-like hand on black."""
    picture = Image.new("L", (400, 512))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((110, 250, 290, 470), fill=120)
    for left, top in ((60, 190), (120, 90), (170, 50), (220, 80), (270, 140)):
        pen.rounded_rectangle((left, top, left + 40, 320), 18, fill=110)
        pen.rounded_rectangle((left + 12, top + 10, left + 28, 310), 8, fill=200)
    return np.clip(np.asarray(picture) + _rng().normal(0, 4, (512, 400)), 0, 255).astype(np.uint8)


def bone_xray() -> Pixels:
    """Return an X-ray-like thigh through the whole frame."""
    columns = np.arange(300)
    profile = 90 * (np.abs(columns - 150) < 110) + 110 * (np.abs(columns - 150) < 28)
    return np.clip(profile + _rng().normal(0, 5, (900, 300)), 0, 255).astype(np.uint8)


def _text(width: int, height: int, size: int, ink: int, paper: int) -> Pixels:
    picture = Image.new("L", (width, height), paper)
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(size)
    line = "Whole body bone scan, anterior and posterior, 740 MBq, three hours after injection. "
    for number, row in enumerate(range(size, height - 2 * size, int(1.6 * size))):
        pen.text((size, row), (line * 3)[number % 17 : number % 17 + int(1.7 * width / size)], fill=ink, font=font)
    return np.asarray(picture)


def page_of_text() -> Pixels:
    """Return a page of text, black on white."""
    return _text(600, 850, 14, 0, 255)


def narrow_text() -> Pixels:
    """Return a receipt: a narrow column of text."""
    return _text(256, 1024, 16, 10, 245)


def text_on_black() -> Pixels:
    """Return a screen of text, white on black."""
    return _text(800, 600, 18, 220, 0)


def bar_chart() -> Pixels:
    """Return a bar chart."""
    picture = Image.new("L", (640, 480), 255)
    pen = ImageDraw.Draw(picture)
    pen.line((60, 20, 60, 430, 620, 430), fill=0, width=3)
    for number, value in enumerate((120, 300, 220, 380, 90, 260)):
        pen.rectangle((90 + 85 * number, 430 - value, 140 + 85 * number, 428), fill=40 * number)
    return np.asarray(picture)


def line_chart() -> Pixels:
    """Return a curve in a frame with a grid."""
    picture = Image.new("L", (640, 480), 255)
    pen = ImageDraw.Draw(picture)
    for place in range(40, 460, 60):
        pen.line((60, place, 620, place), fill=210)
    pen.rectangle((60, 20, 620, 440), outline=0, width=2)
    pen.line([(60 + x, 230 + 150 * np.sin(x / 50)) for x in range(560)], fill=60, width=3)
    return np.asarray(picture)


def label_map() -> Pixels:
    """Return a mask of a few labels."""
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    for number, (row, column) in enumerate(((200, 100), (420, 150), (470, 90), (700, 110)), start=1):
        labels[row : row + 18, column : column + 14] = number
    return labels


def chessboard() -> Pixels:
    """Return a chessboard."""
    rows, columns = np.mgrid[:512, :512]
    return ((rows // 64 + columns // 64) % 2 * 200).astype(np.uint8)


def rings() -> Pixels:
    """Return rings."""
    rows, columns = np.mgrid[:512, :512]
    return (127 + 127 * np.sin(np.hypot(rows - 256, columns - 256) / 8)).astype(np.uint8)


def single_pixel() -> Pixels:
    """Return one bright pixel."""
    dot = black()
    dot[500, 128] = 255
    return dot


def quarter_lit() -> Pixels:
    """Return a frame of which one corner is lit."""
    lit = black()
    lit[:300, :130] = 60
    lit[40:60, 30:90] = 200
    return lit


def arm() -> Pixels:
    """Return one limb from edge to edge, with a hot joint."""
    return _blobs((600, 200), [(300, 100, 900, 40, 20), (280, 100, 40, 45, 60)], 0.3)


DRAWN: tuple[Callable[[], Pixels], ...] = (
    black,
    even_grey,
    even_noise,
    poisson_noise,
    thin_noise,
    noise_in_a_body,
    noise_of_dashes,
    clouds,
    coarse_clouds,
    noise_of_salt,
    noise_of_lines,
    slope_down,
    slope_aside,
    slope_round,
    stripes,
    bar_phantom,
    disc,
    small_ellipse,
    lying_ellipse,
    lungs,
    lungs_in_full_frame,
    thyroid,
    kidneys,
    heart,
    brain,
    liver,
    stomach,
    whole_body_glands,
    chest_xray,
    hand_xray,
    bone_xray,
    page_of_text,
    narrow_text,
    text_on_black,
    bar_chart,
    line_chart,
    label_map,
    chessboard,
    rings,
    single_pixel,
    quarter_lit,
    arm,
)
