/** From stored values to counts: rescale and padding, `bonescan_yolo/scan/dicom/dicom_counts.py`. */

import type { DataSet } from 'dicom-parser';
import { TAG } from './dicom-tags.ts';
import { numbersOf, shortsOf, textsOf } from './dicom-values.ts';
import { highest, median } from './record.ts';

interface Rescale {
  slope: number;
  intercept: number;
  notes: string[];
}

/**
 * Return stored values as counts, and what was ignored.
 *
 * Signed values of which the lowest is far below 0 are counts above half of what their bits can hold.
 */
export function rescaled(
  dataSet: DataSet,
  stored: Float32Array<ArrayBuffer>,
): { counts: Float32Array<ArrayBuffer>; notes: string[]; isPlain: boolean } {
  const found = scaled(dataSet, stored);
  if (dataSet.uint16(TAG.representation) !== 1) return found;
  let [lowest, highest] = [0, 0];
  for (const value of found.counts) [lowest, highest] = [Math.min(lowest, value), Math.max(highest, value)];
  if (lowest >= -highest / 2) return found;
  const range = 2 ** (dataSet.uint16(TAG.bitsStored) ?? 16);
  const { counts, notes } = scaled(
    dataSet,
    stored.map((value) => (value < 0 ? value + range : value)),
  );
  return { counts, notes: [...notes, 'negative counts read as unsigned numbers'], isPlain: false };
}

function scaled(dataSet: DataSet, stored: Float32Array<ArrayBuffer>): ReturnType<typeof rescaled> {
  const { slope, intercept, notes } = rescaleOf(dataSet, stored);
  const isPlain = slope === 1 && intercept === 0;
  return { counts: isPlain ? stored : stored.map((value) => value * slope + intercept), notes, isPlain };
}

/**
 * Return slope and intercept that turn stored values into counts (PS3.3, C.11.1), and what was ignored.
 *
 * Ignored are a slope or intercept that is not a number, a slope of 0, and an intercept that makes the air around the
 * patient negative, as the -1024 of CT. Slope and intercept count only together.
 *
 * @param stored values of all frames.
 */
function rescaleOf(dataSet: DataSet, stored: Float32Array<ArrayBuffer>): Rescale {
  const [slope] = numbersOf(dataSet, TAG.slope);
  const [intercept] = numbersOf(dataSet, TAG.intercept);
  const rescale: Rescale = { slope: 1, intercept: 0, notes: [] };
  if (slope === undefined || intercept === undefined) return rescale;
  for (const [name, value, tag] of [
    ['slope', slope, TAG.slope],
    ['intercept', intercept, TAG.intercept],
  ] as const) {
    if (Number.isFinite(value)) continue;
    rescale.notes.push(`rescale ${name} '${textsOf(dataSet, tag)[0]}' is not a number and is ignored`);
  }
  if (rescale.notes.length) return rescale;
  if (slope === 0) return { ...rescale, notes: ['rescale slope of 0 ignored'] };
  if (intercept < 0 && slope * median(stored) + intercept < intercept / 2) {
    return { ...rescale, slope, notes: [`rescale intercept of ${intercept} ignored, it makes counts negative`] };
  }
  if (intercept > 0) {
    const spread = Math.abs(slope) * (highest(stored) + highest(stored.map((value) => -value)));
    if (slope * median(stored) + intercept > spread) {
      return { ...rescale, slope, notes: [`rescale intercept of ${intercept} ignored, it is above all counts`] };
    }
  }
  return { ...rescale, slope, intercept };
}

/**
 * Return which stored values only fill up the picture (PS3.3, C.7.5.1.1.2), null if none do.
 *
 * Padding that is not brighter than everything else is kept: it is dark already.
 */
export function paddingOf(dataSet: DataSet, stored: Float32Array): ((pixel: number) => boolean) | null {
  const [value] = shortsOf(dataSet, TAG.padding);
  if (value === undefined) return null;
  const ends = [value, shortsOf(dataSet, TAG.paddingLimit)[0] ?? value].map((end) => asStored(dataSet, end));
  const [first, last] = [Math.min(...ends), Math.max(...ends)];
  const isPadding = (pixel: number): boolean => {
    const found = stored[pixel] as number;
    return first <= found && found <= last;
  };
  let [padded, lowest] = [0, Number.POSITIVE_INFINITY];
  for (let pixel = 0; pixel < stored.length; pixel++) {
    if (isPadding(pixel)) padded++;
    else lowest = Math.min(lowest, stored[pixel] as number);
  }
  return padded && padded < stored.length && first > lowest ? isPadding : null;
}

function asStored(dataSet: DataSet, value: number): number {
  const bits = dataSet.uint16(TAG.bitsAllocated) ?? 16;
  const unsigned = ((value % 2 ** bits) + 2 ** bits) % 2 ** bits;
  return dataSet.uint16(TAG.representation) === 1 && unsigned >= 2 ** (bits - 1) ? unsigned - 2 ** bits : unsigned;
}
