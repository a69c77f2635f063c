/** From counts to display grey levels: `to_grey` of `bonescan_yolo/scan/display.py`, to the last bit. */

import { highest, MAX_GREY, type Pixels } from './record.ts';

/** Per cent of a scan's pixels that are below its brighter bone. */
const REFERENCE_PERCENTILE = 99;

/** Grey level of that percentile in BS-80K. */
const REFERENCE_GREY = 40;

/** Grey level above which a pixel counts as body rather than scatter and noise. */
export const BODY_GREY = 6;

/** Share of the body that is darker than its brighter bone. */
const BRIGHT_BONE = 0.9;

export interface GreyLevels {
  /** What the network sees: 8-bit pixels as they are, counts scaled so that their 99th percentile takes 40. */
  grey: Uint8Array<ArrayBuffer>;
  /** How many units of the scan's pixels make one grey level. */
  unitsPerGrey: number;
}

/** Return a scan's display grey levels; what is hotter than 255 saturates, and an empty scan stays 0. */
export function toGrey(pixels: Pixels): GreyLevels {
  if (pixels instanceof Uint8Array) return { grey: pixels.slice(), unitsPerGrey: 1 };
  const sorted = pixels.slice().sort();
  let reference = percentile(sorted, REFERENCE_PERCENTILE);
  if (reference <= 0) reference = highest(pixels) || 1;
  const grey = new Uint8Array(pixels.length);
  for (let index = 0; index < pixels.length; index++) {
    // Python computes in float32: round after each step.
    const scaled = Math.fround(Math.fround((pixels[index] as number) / reference) * REFERENCE_GREY);
    grey[index] = Math.min(roundToEven(scaled), MAX_GREY);
  }
  return { grey, unitsPerGrey: reference / REFERENCE_GREY };
}

/** Return the grey level of a scan's brighter bone, the 90th percentile of its body; 1 for an empty scan. */
export function boneLevel(grey: Uint8Array): number {
  const numbers = new Uint32Array(MAX_GREY + 1);
  for (const value of grey) (numbers[value] as number)++;
  const body = numbers.subarray(BODY_GREY + 1).reduce((sum, number) => sum + number, 0);
  let below = 0;
  for (let level = BODY_GREY + 1; level <= MAX_GREY; level++) {
    below += numbers[level] as number;
    if (below > BRIGHT_BONE * body) return level;
  }
  return 1;
}

/** `numpy.percentile` of sorted float32 values, with its linear interpolation in float32. */
function percentile(sorted: Float32Array, percent: number): number {
  const place = (sorted.length - 1) * (percent / 100);
  const lower = Math.floor(place);
  const first = sorted[lower] as number;
  const second = sorted[Math.min(lower + 1, sorted.length - 1)] as number;
  const step = Math.fround(second - first);
  const share = place - lower;
  if (share >= 0.5) return Math.fround(second - Math.fround(step * Math.fround(1 - share)));
  return Math.fround(first + Math.fround(step * Math.fround(share)));
}

/** Round as IEEE and numpy do: a half goes to the even neighbour. */
function roundToEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
