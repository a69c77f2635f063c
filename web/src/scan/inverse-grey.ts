/** Inverse grey, hot as dark on white: the rule of `bonescan_yolo/scan/pictures/inverse_grey.py`, which has its reasons. */

/** Share of each side of a white picture that is air, at least. */
const LEAST_AIR_ON_A_SIDE = 0.85;

/** How much less air a side may have than the whole picture. */
const SIDE_SLACK = 0.02;

/** A dark frame around the picture is ignored up to one sixteenth of each side. */
const MOST_FRAME = 16;

const MAX_GREY = 255;

/** Return whether a picture has a white background: most of it is bright, and above all its sides. */
export function hotIsDark(pixels: Uint8Array | Float32Array, width: number, height: number): boolean {
  const { bright, rows, columns } = brightIn(pixels, width, height);
  if (2 * bright <= pixels.length) return false;
  const [first, bottom] = inside(rows);
  const [left, right] = inside(columns);
  const share = bright / ((bottom - first) * (right - left)); // what was cut off has nothing bright
  const least = Math.max(LEAST_AIR_ON_A_SIDE, share - SIDE_SLACK);
  return (
    [rows[first], rows[bottom - 1]].every((number) => (number as number) / (right - left) >= least) &&
    [columns[left], columns[right - 1]].every((number) => (number as number) / (bottom - first) >= least)
  );
}

/** Return a white picture, inverted already, whose dark frame is set to air; `before` is what it was. */
export function withoutFrame<Kind extends Uint8Array | Float32Array>(
  pixels: Kind,
  before: Uint8Array | Float32Array,
  width: number,
  height: number,
): Kind {
  const { rows, columns } = brightIn(before, width, height);
  const [top, bottom] = inside(rows, 1);
  const [left, right] = inside(columns, 1);
  const isInside = (index: number) => {
    const [row, column] = [Math.floor(index / width), index % width];
    return row >= top && row < bottom && column >= left && column < right;
  };
  let air = Number.POSITIVE_INFINITY;
  for (let index = 0; index < pixels.length; index++) {
    if (isInside(index)) air = Math.min(air, pixels[index] as number);
  }
  for (let index = 0; index < pixels.length; index++) if (!isInside(index)) pixels[index] = air;
  return pixels;
}

/** Count the pixels above the middle of the values and of what can be shown, in all, by row and by column. */
function brightIn(pixels: Uint8Array | Float32Array, width: number, height: number) {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (const value of pixels) {
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  const top = pixels instanceof Uint8Array ? MAX_GREY : highest;
  const middle = Math.fround(Math.max((lowest + highest) / 2, top / 2)); // Python compares in float32
  const isBright = (row: number, column: number) => (pixels[row * width + column] as number) > middle;
  const rows = new Uint32Array(height);
  const columns = new Uint32Array(width);
  let bright = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      if (!isBright(row, column)) continue;
      bright++;
      (rows[row] as number)++;
      (columns[column] as number)++;
    }
  }
  return { bright, rows, columns };
}

/** Return the first row and the one after the last, without those that have nothing bright, up to 1 / part. */
function inside(bright: Uint32Array, part = MOST_FRAME): [number, number] {
  const most = Math.floor(bright.length / part);
  const first = bright.findIndex((number) => number > 0);
  const last = bright.findLastIndex((number) => number > 0);
  return [Math.min(first, most), bright.length - Math.min(bright.length - 1 - last, most)];
}
