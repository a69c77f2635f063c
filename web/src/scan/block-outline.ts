/** The rough outline of what is bright on a scan, measured on blocks: `bonescan_yolo/scan/quality/block_outline.py`. */

import type { Pixels } from './record.ts';

const MOST_BLOCKS = 256;
const AIR_PART = 0.1;
const BODY_PART = 0.15;
const OUTSIDE = 0.005;
const FRAME_LINE = 0.9;
const BESIDE_LINE = 0.1;
const LEAST_MIDDLE = 0.25;
const CAP = 1.5;

/** How far above the level found so far blocks still count: BODY_CUTS of `bonescan_yolo/scan/display.py`. */
const BODY_CUTS = [1, 2, 2];

/** First and last place. */
export type Extent = [number, number];

/** Values of blocks, row by row. */
interface Blocks {
  values: Float64Array;
  rows: number;
  columns: number;
}

export interface BlockOutline extends Blocks {
  /** Which blocks are brighter than air, row by row: 1 or 0. */
  body: Uint8Array;
  /** The blocks of the body, none brighter than CAP levels, and 0 elsewhere. */
  bodyBlocks: Float64Array;
  blockPx: number;
  rowExtent: Extent;
  columnExtent: Extent;
  height: number;
  width: number;
  /** Height of a pixel over its width. */
  aspect: number;
  elongation: number;
}

/** Return the outline of what is bright on a scan; null if nothing is. */
export function outlineOf(
  pixels: Pixels,
  width: number,
  height: number,
  spacingMm: readonly [number, number] | null,
): BlockOutline | null {
  const blockPx = Math.min(Math.ceil(Math.max(width, height) / MOST_BLOCKS), width, height); // a strip is one block wide
  return outlineOfBlocks(
    blockMeans(pixels, width, height, blockPx),
    blockPx,
    spacingMm ? spacingMm[0] / spacingMm[1] : 1,
  );
}

function outlineOfBlocks(means: Blocks, blockPx: number, aspect: number): BlockOutline | null {
  const { rows, columns } = means;
  const air = means.values.slice().sort()[Math.floor(means.values.length * AIR_PART)] as number;
  const values = means.values.map((value) => Math.max(value - air, 0));
  const level = levelOf(values);
  if (level <= 0) return null;
  const body = Uint8Array.from(values, (value) => Number(value > BODY_PART * level));
  removeFrame(body, rows, columns);
  if (!body.includes(1)) return null;
  const bodyBlocks = values.map((value, index) => Math.min(value, CAP * level) * (body[index] as number));
  const rowExtent = extent(sumRows(body, rows, columns));
  const columnExtent = extent(sumColumns(body, rows, columns));
  const height = rowExtent[1] - rowExtent[0] + 1;
  const width = columnExtent[1] - columnExtent[0] + 1;
  const elongation = (height * aspect) / width;
  return {
    values,
    rows,
    columns,
    body,
    bodyBlocks,
    blockPx,
    rowExtent,
    columnExtent,
    height,
    width,
    aspect,
    elongation,
  };
}

/** Return the means of square blocks; rows and columns that do not fill one are left out. */
function blockMeans(pixels: Pixels, width: number, height: number, blockPx: number): Blocks {
  const rows = Math.floor(height / blockPx);
  const columns = Math.floor(width / blockPx);
  const values = new Float64Array(rows * columns);
  for (let row = 0; row < rows * blockPx; row++) {
    const start = Math.floor(row / blockPx) * columns;
    for (let column = 0; column < columns * blockPx; column++) {
      (values[start + Math.floor(column / blockPx)] as number) += pixels[row * width + column] as number;
    }
  }
  return { values: values.map((sum) => sum / blockPx ** 2), rows, columns };
}

/** Where the body's brightness is centred, from its first row (0) to its last (1). */
export function centreOf(outline: BlockOutline): number {
  return centre(sumRows(outline.bodyBlocks, outline.rows, outline.columns), outline.rowExtent);
}

/** The same from the body's left to its right. */
export function centreAcrossOf(outline: BlockOutline): number {
  return centre(sumColumns(outline.bodyBlocks, outline.rows, outline.columns), outline.columnExtent);
}

/** Part of the frame that is not body. */
export function airOf({ body }: BlockOutline): number {
  return 1 - sum(body) / body.length;
}

/** Width of the body in the first two rows of the frame, the lesser, part of its whole width; and in the last two. */
export function endCutsOf({ body, rows, columns, width }: BlockOutline): [number, number] {
  const sums = sumRows(body, rows, columns);
  return [Math.min(...sums.subarray(0, 2)) / width, Math.min(...sums.subarray(-2)) / width];
}

/** Brightness of the first or the last two columns of the frame, the lesser, part of the brightest column's. */
export function sideCutOf({ bodyBlocks, rows, columns }: BlockOutline): number {
  const bright = sumColumns(bodyBlocks, rows, columns);
  return Math.max(Math.min(...bright.subarray(0, 2)), Math.min(...bright.subarray(-2))) / Math.max(...bright);
}

/** Part of the rows that are body at the left edge of the frame, or at the right if that is less. */
export function bothSidesOf({ body, rows, columns }: BlockOutline): number {
  const sums = sumColumns(body, rows, columns);
  return Math.min(sums[0] as number, sums[columns - 1] as number) / rows;
}

/** The least of the four sides of the body's own extent that is filled: 1 for a rectangle. */
export function frameFilledOf({ body, columns, rowExtent, columnExtent, width, height }: BlockOutline): number {
  let [left, right, top, bottom] = [0, 0, 0, 0];
  for (let row = rowExtent[0]; row <= rowExtent[1]; row++) {
    left += body[row * columns + columnExtent[0]] as number;
    right += body[row * columns + columnExtent[1]] as number;
  }
  for (let column = columnExtent[0]; column <= columnExtent[1]; column++) {
    top += body[rowExtent[0] * columns + column] as number;
    bottom += body[rowExtent[1] * columns + column] as number;
  }
  return Math.min(left / height, right / height, top / width, bottom / width);
}

/** Blocks of the upper third of the body, part of those of the lower third; infinite if that has none. */
export function taperOf({ body, rows, columns, rowExtent, height }: BlockOutline): number {
  const filled = sumRows(body, rows, columns).subarray(rowExtent[0], rowExtent[1] + 1);
  const third = Math.floor(height / 3);
  const below = sum(filled.subarray(height - third));
  return below ? sum(filled.subarray(0, third)) / below : Number.POSITIVE_INFINITY;
}

/** How far brightness goes up and down from row to row in all, in parts of the brightest row's. */
export function changesOf({ bodyBlocks, rows, columns, rowExtent }: BlockOutline): number {
  const bright = sumRows(bodyBlocks, rows, columns).subarray(rowExtent[0], rowExtent[1] + 1);
  const steps = bright.map((value, row) => (row ? Math.abs(value - (bright[row - 1] as number)) : 0));
  return sum(steps) / Math.max(...bright);
}

/** Part of the rows from the body's first to its last that hold none of it. */
export function emptyRowsOf({ body, rows, columns, rowExtent, height }: BlockOutline): number {
  const filled = sumRows(body, rows, columns).subarray(rowExtent[0], rowExtent[1] + 1);
  return 1 - filled.filter((number) => number > 0).length / height;
}

/** Whether the dark part of a bright rectangle is an elongated body. */
export function isBodyWhenInverted(outline: BlockOutline, leastElongation: number): boolean {
  const { values, columns, rowExtent, columnExtent, width, height, blockPx, aspect } = outline;
  const inner = new Float64Array(width * height);
  for (let row = 0; row < height; row++) {
    const start = (rowExtent[0] + row) * columns + columnExtent[0];
    inner.set(values.subarray(start, start + width), row * width);
  }
  const top = inner.reduce((highest, value) => Math.max(highest, value), 0);
  const blocks = { values: inner.map((value) => top - value), rows: height, columns: width };
  const dark = outlineOfBlocks(blocks, blockPx, aspect);
  if (!dark || dark.elongation <= leastElongation || frameFilledOf(dark) >= 1 / 2) return false;
  const third = Math.floor(width / 3);
  const middle = sumColumns(dark.body, height, width).subarray(third, width - third);
  return sum(middle) / (middle.length * height) > LEAST_MIDDLE;
}

/** The body's level as `body_level` of `bonescan_yolo/scan/display.py` finds it, from blocks. */
function levelOf(blocks: Float64Array): number {
  let values = blocks;
  for (const cut of BODY_CUTS) {
    const most = cut * selfWeighted(values);
    values = values.map((value) => Math.min(value, most));
  }
  return selfWeighted(values);
}

function selfWeighted(values: Float64Array): number {
  const total = sum(values);
  return total > 0 ? values.reduce((squares, value) => squares + value * value, 0) / total : 0;
}

/** Take lines along the edges of the picture out of a body. */
function removeFrame(body: Uint8Array, rows: number, columns: number): void {
  const row = (number: number) => Array.from({ length: columns }, (_, column) => number * columns + column);
  const column = (number: number) => Array.from({ length: rows }, (_, place) => place * columns + number);
  const part = (places: number[]) =>
    places.reduce((count, place) => count + (body[place] as number), 0) / places.length;
  const edges: [number[], number[]][] = [
    [row(0), row(1)],
    [row(rows - 1), row(rows - 2)],
    [column(0), column(1)],
    [column(columns - 1), column(columns - 2)],
  ];
  for (const [edge, beside] of edges) {
    if (part(edge) > FRAME_LINE && part(beside) < BESIDE_LINE) for (const place of edge) body[place] = 0;
  }
}

/** Return the first and the last place of numbers of blocks, without a part of them at each end. */
export function extent(numbers: Float64Array, outside = OUTSIDE): Extent {
  const total = sum(numbers);
  let above = 0;
  let first = -1;
  for (let place = 0; place < numbers.length; place++) {
    above += numbers[place] as number;
    if (first < 0 && above > outside * total) first = place;
    if (above >= (1 - outside) * total) return [first, place];
  }
  return [first, numbers.length - 1];
}

export function sumRows(values: Uint8Array | Float64Array, rows: number, columns: number): Float64Array {
  const sums = new Float64Array(rows);
  for (let row = 0; row < rows; row++) sums[row] = sum(values.subarray(row * columns, (row + 1) * columns));
  return sums;
}

export function sumColumns(values: Uint8Array | Float64Array, rows: number, columns: number): Float64Array {
  const sums = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      (sums[column] as number) += values[row * columns + column] as number;
  }
  return sums;
}

export function sum(values: Uint8Array | Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function centre(bright: Float64Array, [first, last]: Extent): number {
  const weighted = bright.reduce((total, value, place) => total + place * value, 0);
  return (weighted / sum(bright) + 1 / 2 - first) / (last - first + 1);
}
