/** Frames of a planar DICOM file: which are of the photopeak, which detector took each: `dicom_frames.py`. */

import type { DataSet } from 'dicom-parser';
import { TAG } from './dicom-tags.ts';
import { frameCountOf, itemsOf, numbersOf, shortsOf } from './dicom-values.ts';

/** Photon energy of technetium-99m, the label of bone tracers. */
const TC99M_KEV = 140.5;

/**
 * Return the indices of the frames in the energy window of technetium-99m; all if the file does not describe windows.
 *
 * A camera may store a scatter window beside the photopeak; those frames are blurred copies, not further views.
 */
export function photopeakFrames(dataSet: DataSet, count: number): number[] {
  const all = Array.from({ length: count }, (_, index) => index);
  const windows = vectorOf(dataSet, TAG.energyWindowVector) ?? all.map(() => 1);
  const holdingPeak = itemsOf(dataSet, TAG.energyWindows).map((window) =>
    itemsOf(window, TAG.energyRanges).some((range) => {
      const [lower = Number.NaN] = numbersOf(range, TAG.energyLower);
      const [upper = Number.NaN] = numbersOf(range, TAG.energyUpper);
      return lower <= TC99M_KEV && TC99M_KEV <= upper;
    }),
  );
  const chosen = all.filter((index) => holdingPeak[(windows[index] ?? 0) - 1]);
  return chosen.length ? chosen : all;
}

/**
 * Return the number, from 1, of the detector that took a frame; 0 where the file does not name it.
 *
 * The detector vector has the number, but many files lack it. The detectors listed are then still those that the frames
 * differ by, and the frames of an energy window are in their order (PS3.3, C.8.4.8.1.1 and C.8.4.8.1.3): where a window has
 * as many frames as there are detectors, its frame n is of detector n. Frames of several windows without the window
 * vector, and other numbers of frames, stay unknown: they may be stored in any order.
 */
export function detectorNumberOf(dataSet: DataSet, index: number, detectorCount: number): number {
  const all = Array.from({ length: frameCountOf(dataSet) }, (_, frame) => frame);
  if (all.length === 1 && detectorCount === 1) return 1;
  const vector = vectorOf(dataSet, TAG.detectorVector);
  if (vector) {
    const numbers = [...new Set(vector)].sort((a, b) => a - b); // some programs count from 0
    const first = numbers.length === detectorCount && numbers.every((number, place) => number === place) ? 0 : 1;
    return index < vector.length ? (vector[index] as number) - first + 1 : 0;
  }
  const windows = vectorOf(dataSet, TAG.energyWindowVector) ?? all.map(() => 1);
  if (windows.length !== all.length) return 0;
  const sameWindow = all.filter((frame) => windows[frame] === windows[index]);
  return sameWindow.length === detectorCount ? sameWindow.indexOf(index) + 1 : 0;
}

/**
 * Return a frame vector (PS3.3, C.8.4.8): for each frame the number, from 1, of its detector or window.
 *
 * It is null where the file has none, or an empty one.
 */
function vectorOf(dataSet: DataSet, tag: string): number[] | null {
  const vector = shortsOf(dataSet, tag);
  return vector.length ? vector : null;
}
