/** What the single pixels of a scan say of it: `bonescan_yolo/scan/quality/pixel_facts.py`. */

import { type BlockOutline, sum } from './block-outline.ts';
import { MAX_GREY, type Pixels } from './record.ts';

const LEAST_STEP = 4;
const GRAIN_ROWS = 256;

/** Return how many counts a scan as grainy as this has, whatever its scale. */
export function countsByGrain(pixels: Pixels, width: number, height: number): number {
  const step = Math.max(LEAST_STEP, Math.floor(height / GRAIN_ROWS));
  let [total, looked, across, pairsAcross, down, pairsDown] = [0, 0, 0, 0, 0, 0];
  for (let row = 1; row < height - 1; row += step) {
    const [start, end] = [row * width + 1, (row + 1) * width - 1]; // without the line of a frame
    for (let place = start; place < end; place++) {
      const value = pixels[place] as number;
      total += value;
      looked++;
      if (place + 1 < end) {
        across += (value - (pixels[place + 1] as number)) ** 2;
        pairsAcross++;
      }
      if (row + 1 < height - 1) {
        down += (value - (pixels[place + width] as number)) ** 2;
        pairsDown++;
      }
    }
  }
  const mean = total / looked;
  if (mean <= 0) return Number.POSITIVE_INFINITY;
  const grain = Math.max(across / pairsAcross, down / pairsDown) / 2 / mean;
  return grain > 0 ? (mean * pixels.length) / grain : Number.POSITIVE_INFINITY;
}

/** Return the sum of pixels that are counts: floats without fractions; null for grey levels and other floats. */
export function countsIn(pixels: Pixels): number | null {
  if (pixels instanceof Uint8Array) return null;
  let total = 0;
  for (const value of pixels) {
    if (!Number.isInteger(value)) return null;
    total += value;
  }
  return total;
}

/** Return whether pixels have only two values, of which the higher is that of masks, 1 or white. */
export function isMask(pixels: Pixels): boolean {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of pixels) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return (high === 1 || high === MAX_GREY) && pixels.every((value: number) => value === low || value === high);
}

/** Return the part of the body that has the highest grey level of 8-bit pixels; 0 for counts. */
export function saturatedPart(pixels: Pixels, { body, blockPx }: BlockOutline): number {
  if (!(pixels instanceof Uint8Array)) return 0;
  let white = 0;
  for (const value of pixels) if (value === MAX_GREY) white++;
  return white / (sum(body) * blockPx ** 2);
}
