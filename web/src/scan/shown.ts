/** A scan as the page shows it: its own values, reduced if it is far larger than a screen, and where the body is. */

import { BODY_GREY, boneLevel, toGrey } from './grey.ts';
import type { Pixels, Scan } from './record.ts';

/** Four million: a scan of 256 x 1024 has a quarter of one. */
const MAX_SHOWN_PIXELS = 2 ** 22;

/** Share of body pixels above which a row counts as body; as in `bonescan_yolo/predict/drawing.py`. */
const FILLED = 0.02;
const BODY_MARGIN_ROWS = 24;

/** Pixels to look at. */
export interface ShownScan {
  /** (height x width) in the scan's own units. */
  pixels: Pixels;
  width: number;
  height: number;
  /** Side of one of these pixels, in pixels of the scan. */
  reduction: number;
  /** Level of the brighter bone, in the scan's own units. */
  boneLevel: number;
  /** First and last row that show body, in pixels of the scan. */
  bodyRows: [number, number];
  unit: 'grey level' | 'count';
}

export function shown(scan: Scan): ShownScan {
  const { grey, unitsPerGrey } = toGrey(scan.pixels);
  const reduction = Math.max(1, Math.ceil(Math.sqrt(grey.length / MAX_SHOWN_PIXELS)));
  return {
    ...reduce(scan, reduction),
    reduction,
    boneLevel: boneLevel(grey) * unitsPerGrey,
    bodyRows: bodyRows(grey, scan.width, scan.height),
    unit: scan.pixels instanceof Uint8Array ? 'grey level' : 'count',
  };
}

/** Return a scan whose pixels are the means of `factor` x `factor` pixels; a remainder at the edges is cut off. */
function reduce(scan: Scan, factor: number): { pixels: Pixels; width: number; height: number } {
  const { pixels } = scan;
  if (factor === 1) return { pixels, width: scan.width, height: scan.height };
  const width = Math.floor(scan.width / factor);
  const height = Math.floor(scan.height / factor);
  const reduced: Pixels =
    pixels instanceof Uint8Array ? new Uint8Array(width * height) : new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      let sum = 0;
      for (let dy = 0; dy < factor; dy++) {
        const start = (row * factor + dy) * scan.width + column * factor;
        for (let dx = 0; dx < factor; dx++) sum += pixels[start + dx] as number;
      }
      reduced[row * width + column] = sum / factor ** 2;
    }
  }
  return { pixels: reduced, width, height };
}

function bodyRows(grey: Uint8Array, width: number, height: number): [number, number] {
  const filled: number[] = [];
  for (let row = 0; row < height; row++) {
    let body = 0;
    for (let index = row * width; index < (row + 1) * width; index++) if ((grey[index] as number) > BODY_GREY) body++;
    if (body > FILLED * width) filled.push(row);
  }
  const first = filled[0] ?? 0;
  const last = filled.at(-1) ?? height;
  return [Math.max(0, first - BODY_MARGIN_ROWS), Math.min(height, last + 1 + BODY_MARGIN_ROWS)];
}
