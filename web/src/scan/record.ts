/** The scan: one view of one whole-body acquisition. The rules are those of `bonescan_yolo/scan/record.py`. */

import { BonescanError } from '../error.ts';
import { hotIsDark, withoutFrame } from './inverse-grey.ts';
import type { View } from './names.ts';

export const MAX_GREY = 255;

/** The stride of YOLOv8's coarsest level, in pixels: the detector needs at least one cell. */
const MIN_SIDE_PX = 32;

/** 67 million: 256 times a scan of 256 x 1024. */
export const MAX_PIXELS = 2 ** 26;

/** Grey levels, or counts: never negative, hot is high. */
export type Pixels = Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

/** Values as a file stores them, row by row. */
export interface Values {
  data:
    | Uint8Array
    | Uint8ClampedArray
    | Uint16Array
    | Int16Array
    | Int32Array
    | Uint32Array
    | Float32Array
    | Float64Array;
  width: number;
  height: number;
}

export interface Scan {
  pixels: Pixels;
  width: number;
  height: number;
  view: View | null;
  /** Height and width of a pixel in millimetres, or null where unknown. */
  pixelSpacingMm: [number, number] | null;
  /** Whether the file showed hot as dark, so that `pixels` are its levels inverted. */
  inverted: boolean;
  /** Degrees clockwise by which the file's rows and columns were turned to `pixels`. */
  turned: 0 | 90 | 180 | 270;
  /** Whether the file says that its pixels were compressed with loss, or its format always does (JPEG). */
  lossy: boolean;
  /** As the file states it; null if it does not. */
  compressionRatio: number | null;
  /** What the reader did with the file beyond its standard, each in a few words for the user. */
  notes: string[];
}

/** Facts of a scan that is stored upright and without loss. */
export const AS_STORED = { turned: 0, lossy: false, compressionRatio: null, notes: [] as string[] } as const;

/** Refuse a size no scan has, before anything is decoded. */
export function checkSize(width: number, height: number, name: string): void {
  if (Math.min(width, height) < MIN_SIDE_PX) {
    throw new BonescanError(
      `${name}: is ${width} x ${height} pixels, too small for a scan; give a whole-body scan such as 256 x 1024`,
    );
  }
  if (width * height > MAX_PIXELS) {
    throw new BonescanError(
      `${name}: is ${width} x ${height} pixels, too large for a scan; scale it down to about 256 x 1024`,
    );
  }
}

/**
 * Return values as the pixels of a scan, and whether they were inverted.
 *
 * @param inverted whether hot is dark; null finds out from the air around the body.
 * @returns uint8 where the values were, else float32 clipped at 0 (filters leave small negative counts).
 */
export function normalisePixels(
  values: Values,
  name: string,
  inverted: boolean | null = null,
): { pixels: Pixels; inverted: boolean } {
  checkSize(values.width, values.height, name);
  const isGrey = values.data instanceof Uint8Array || values.data instanceof Uint8ClampedArray;
  const pixels: Pixels = isGrey ? Uint8Array.from(values.data) : Float32Array.from(values.data);
  const top = isGrey ? MAX_GREY : highest(pixels);
  const turned = inverted ?? hotIsDark(pixels, values.width, values.height);
  const before = turned && inverted === null ? pixels.slice() : null;
  for (let index = 0; index < pixels.length; index++) {
    const value = turned ? top - (pixels[index] as number) : (pixels[index] as number);
    if (!Number.isFinite(value)) {
      throw new BonescanError(`${name}: contains NaN or infinite values; replace them by numbers, 0 outside the body`);
    }
    pixels[index] = Math.max(value, 0);
  }
  if (before) withoutFrame(pixels, before, values.width, values.height);
  if (pixels.every((value) => value === pixels[0])) {
    throw new BonescanError(
      `${name}: shows nothing, all its pixels have one grey level; export it again, or leave it out`,
    );
  }
  return { pixels, inverted: turned };
}

/** The highest pixel; -Infinity where there is none. */
export function highest(pixels: Pixels): number {
  let top = Number.NEGATIVE_INFINITY;
  for (const value of pixels) if (value > top) top = value;
  return top;
}

/** The median as numpy gives it: of an even number, the mean of the two in the middle. */
export function median(pixels: Pixels): number {
  const sorted = pixels.slice().sort();
  const half = sorted.length >> 1;
  const upper = sorted[half] as number;
  return sorted.length % 2 ? upper : ((sorted[half - 1] as number) + upper) / 2;
}

/** Return a scan turned clockwise; height and width of a pixel change places with those of the picture. */
export function turnScan(scan: Scan, degrees: Scan['turned']): Scan {
  if (degrees === 0) return scan;
  const { width, height, pixels } = scan;
  const isQuarter = degrees !== 180;
  const turned = pixels.slice();
  const across = isQuarter ? height : width;
  const placeOf = {
    90: (column: number, row: number) => column * across + height - 1 - row,
    180: (column: number, row: number) => (height - 1 - row) * across + width - 1 - column,
    270: (column: number, row: number) => (width - 1 - column) * across + row,
  }[degrees];
  for (let row = 0, pixel = 0; row < height; row++) {
    for (let column = 0; column < width; column++, pixel++) turned[placeOf(column, row)] = pixels[pixel] as number;
  }
  const spacing = scan.pixelSpacingMm;
  return {
    ...scan,
    pixels: turned,
    width: across,
    height: isQuarter ? width : height,
    pixelSpacingMm: spacing && isQuarter ? [spacing[1], spacing[0]] : spacing,
    turned: ((scan.turned + degrees) % 360) as Scan['turned'],
  };
}
