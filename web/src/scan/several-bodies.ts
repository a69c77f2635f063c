/** Whether an outline is that of several bodies, side by side or stacked: `bonescan_yolo/scan/quality/several_bodies.py`. */

import { type BlockOutline, extent, sum, sumColumns, sumRows } from './block-outline.ts';

const GAP_COLUMN = 0.12;
const VALLEY = 0.6;
const LEAST_PAIR = 1.45;
const MIDDLE = [0.4, 0.6] as const;
const LEAST_PART = 2.2;
const LEAST_SHARE = 0.15;
const LEAST_HEIGHT = 0.7;
const LEAST_FILLED = 0.85;
const GAP_ROW = 0.02;
const BETWEEN = [0.3, 0.7] as const;
const LEAST_LIKE = 0.75;
const LEAST_WIDTH = 0.75;
const OUTSIDE_PART = 0.02;

/** Return how many elongated bodies are beside each other with hardly anything between them. */
export function bodiesBeside(outline: BlockOutline): number {
  const { body, bodyBlocks, rows, columns, height, aspect } = outline;
  const filled = sumColumns(body, rows, columns);
  const bright = sumColumns(bodyBlocks, rows, columns);
  let bodies = 0;
  for (let first = 0; first < columns; first++) {
    if ((filled[first] as number) <= GAP_COLUMN * height) continue;
    let end = first;
    while (end < columns && (filled[end] as number) > GAP_COLUMN * height) end++;
    const part = sumRows(cut(body, columns, first, end), rows, end - first);
    const [top, bottom] = extent(part, OUTSIDE_PART);
    const long = bottom - top + 1;
    const isLong = long * aspect > LEAST_PART * (end - first) && long > LEAST_HEIGHT * height;
    const share = sum(bright.subarray(first, end)) / sum(bright);
    if (share > LEAST_SHARE && isLong && filledPart(part, top, bottom) > LEAST_FILLED) bodies++;
    first = end;
  }
  return bodies;
}

/** Return whether something has two long halves beside each other that hardly touch. */
export function isPair({ body, rows, columns, columnExtent, width, height, elongation }: BlockOutline): boolean {
  const filled = sumColumns(body, rows, columns).subarray(columnExtent[0], columnExtent[1] + 1);
  const [first, end] = MIDDLE.map((part) => Math.floor(part * width)) as [number, number];
  if (first >= end || !first || elongation < LEAST_PAIR) return false;
  const peak = Math.min(Math.max(...filled.subarray(0, first)), Math.max(...filled.subarray(end)));
  return Math.min(...filled.subarray(first, end)) < VALLEY * peak && peak > LEAST_HEIGHT * height;
}

/** Return whether two bodies are one above the other, with a gap between them. */
export function isStacked({ body, bodyBlocks, rows, columns, width }: BlockOutline): boolean {
  const bright = sumRows(bodyBlocks, rows, columns);
  const filled = sumRows(body, rows, columns);
  const total = sum(bright);
  let above = 0;
  for (let row = 0; row < rows; row++) {
    above += bright[row] as number;
    if ((filled[row] as number) > GAP_ROW * width || above / total <= BETWEEN[0]) continue;
    if (above / total >= BETWEEN[1]) return false;
    const parts = [body.subarray(0, row * columns), body.subarray((row + 1) * columns)];
    if (!parts.every((part) => part.includes(1))) return false;
    const heights = parts.map((part) => {
      const [first, last] = extent(sumRows(part, part.length / columns, columns), OUTSIDE_PART);
      return last - first + 1;
    });
    if (Math.min(...heights) < LEAST_LIKE * Math.max(...heights)) return false;
    return parts.every((part) => isWide(part, columns, LEAST_WIDTH * width));
  }
  return false;
}

/** Return whether a part of the frame holds something wide without gaps. */
function isWide(part: Uint8Array, columns: number, leastWidth: number): boolean {
  const rows = part.length / columns;
  const [left, right] = extent(sumColumns(part, rows, columns));
  const filled = sumRows(part, rows, columns);
  const [top, bottom] = extent(filled, OUTSIDE_PART);
  return right - left + 1 >= leastWidth && filledPart(filled, top, bottom) > LEAST_FILLED;
}

function filledPart(filled: Float64Array, top: number, bottom: number): number {
  return filled.subarray(top, bottom + 1).filter((number) => number > 0).length / (bottom - top + 1);
}

/** Return some columns of blocks. */
function cut(body: Uint8Array, columns: number, first: number, end: number): Uint8Array {
  return body.filter((_, place) => place % columns >= first && place % columns < end);
}
