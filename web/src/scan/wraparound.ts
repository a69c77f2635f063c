/** Grey levels that wrapped past 255, found and fixed: `bonescan_yolo/scan/wraparound.py`, which says why. */

import { MAX_GREY } from './record.ts';
import { type Grid, growByDisc, highestWithin, isEmpty, labelRegions, maskOf } from './regions.ts';

const RIM_LEVELS = [224, 192, 160, 128] as const;
const LOWEST_RIM = 128;
const SHALLOW_RIM_LEVELS = [...RIM_LEVELS, 104] as const;
const MIN_STEP = 140;
const MAX_PIT_LEVEL = 90;
const MIN_SHALLOW_STEP = 100;
const WALL_PIXELS = 2;
const PLATEAU_LEVEL = 251;
const MIN_SKIRT_LEVEL = 48;
const MAX_NOISE = 3;
const NOISE_LEVELS = [10, 100] as const;
const LEAST_NOISE_PIXELS = 200;
const MEDIAN_OF_SQUARE = 0.455;
const SECOND_DIFFERENCE_VARIANCE = 6;
const CORE_GROWTH_PIXELS = 3;
const CORE_CLOSING_HALF_WIDTHS = [0, 2, 3, 3, 3, 2, 0] as const;

export interface Wraparound {
  /** How many hot spots wrapped. */
  regions: number;
  /** 1 where the grey level should have been above 255. */
  core: Uint8Array;
}

/** The part of a scan that holds everything bright, in a frame of a black pixel. */
interface Part {
  grey: Grid;
  brightestNear: Grid;
  /** Column and row of the pixel of the scan that is the first inside the frame. */
  left: number;
  top: number;
}

/** Return grey levels with what wrapped set to 255, and how many hot spots that were; unchanged if none wrapped. */
export function fixWraparound(
  levels: Uint8Array<ArrayBuffer>,
  width: number,
  height: number,
): { levels: Uint8Array<ArrayBuffer>; regions: number } {
  const { regions, core } = findWraparound({ data: levels, width, height });
  return { regions, levels: regions ? levels.map((level, index) => (core[index] ? MAX_GREY : level)) : levels };
}

/** Find hot spots whose grey levels wrapped past 255; hot is bright. */
export function findWraparound(grey: Grid): Wraparound {
  const none = { regions: 0, core: new Uint8Array(grey.data.length) };
  const part = brightPart(grey);
  if (!part || !mayHavePits(part) || isNoisy(grey)) return none;
  const nearPlateau = nearPlateauOf(part.grey);
  let deep = pitsOf(part, nearPlateau, RIM_LEVELS, MIN_STEP, MAX_PIT_LEVEL);
  if (isEmpty(deep)) return none;
  const kept = withSkirt(part.grey, coresOf(deep));
  deep = both(deep, kept);
  if (isEmpty(deep)) return none;
  const shallow = pitsOf(part, nearPlateau, SHALLOW_RIM_LEVELS, MIN_SHALLOW_STEP, MAX_GREY);
  const near = highestWithin(coresOf(deep), CORE_GROWTH_PIXELS);
  const found = coresOf(
    maskOf(deep, (index) => Boolean(deep.data[index] || (shallow.data[index] && near.data[index]))),
  );
  const core = { ...grey, data: unframed(found, part, grey) };
  const spots = labelRegions(highestWithin(core, CORE_GROWTH_PIXELS), true);
  return { regions: new Set(spots.filter((_, index) => core.data[index])).size, core: core.data };
}

/** Return the rows and columns with pixels as bright as a rim, and one more to each side; null where none is a rim. */
function brightPart({ data, width, height }: Grid): Part | null {
  let [left, right, top, bottom, highest] = [width, -1, height, -1, 0];
  for (let index = 0; index < data.length; index++) {
    const level = data[index] as number;
    if (level < LOWEST_RIM) continue;
    const column = index % width;
    const row = (index - column) / width;
    [left, right] = [Math.min(left, column), Math.max(right, column)];
    [top, bottom] = [Math.min(top, row), Math.max(bottom, row)];
    highest = Math.max(highest, level);
  }
  if (highest < MIN_STEP) return null;
  [left, top] = [Math.max(left - 1, 0), Math.max(top - 1, 0)];
  [right, bottom] = [Math.min(right + 2, width), Math.min(bottom + 2, height)];
  const framed = { width: right - left + 2, height: bottom - top + 2 };
  const levels = new Uint8Array(framed.width * framed.height);
  for (let row = top; row < bottom; row++) {
    levels.set(data.subarray(row * width + left, row * width + right), (row - top + 1) * framed.width + 1);
  }
  const grey = { data: levels, ...framed };
  return { grey, left, top, brightestNear: highestWithin(grey, WALL_PIXELS) };
}

/** Return whether any deep pixel is enclosed by the lowest rim; most scans have no such pixel. */
function mayHavePits({ grey, brightestNear }: Part): boolean {
  const isDeep = (level: number, index: number) =>
    level <= MAX_PIT_LEVEL && (brightestNear.data[index] as number) - level >= MIN_STEP;
  if (!grey.data.some(isDeep)) return false;
  const labels = labelRegions(
    maskOf(grey, (index) => (grey.data[index] as number) < LOWEST_RIM),
    false,
  );
  return grey.data.some((level, index) => isDeep(level, index) && labels[index] !== labels[0]);
}

/** Return the pixels so near to 3 x 3 saturated ones that these would be in their rim. */
function nearPlateauOf(grey: Grid): Grid {
  const below = maskOf(grey, (index) => (grey.data[index] as number) < PLATEAU_LEVEL);
  return highestWithin(not(highestWithin(below, 1)), WALL_PIXELS + 2);
}

/** Return the pits with a wall of `minStep` that reach down to `maxLevel`, over all rim levels. */
function pitsOf(part: Part, nearPlateau: Grid, rimLevels: readonly number[], minStep: number, maxLevel: number): Grid {
  const levels = part.grey.data;
  const nearest = part.brightestNear.data;
  const pits = maskOf(part.grey, () => false);
  for (const rim of rimLevels) {
    const labels = labelRegions(
      maskOf(part.grey, (index) => (levels[index] as number) < rim),
      false,
    );
    const isPit = new Set<number>();
    labels.forEach((label, index) => {
      const level = levels[index] as number;
      const brightest = nearest[index] as number;
      if (level <= maxLevel && brightest - level >= minStep && brightest >= rim) isPit.add(label);
    });
    for (const label of [0, labels[0] as number]) isPit.delete(label);
    labels.forEach((label, index) => {
      if (nearPlateau.data[index]) isPit.delete(label);
    });
    labels.forEach((label, index) => {
      if (isPit.has(label)) pits.data[index] = 1;
    });
  }
  return pits;
}

/** Return the cores outside whose rim the levels are between those of the rim and the background. */
function withSkirt(grey: Grid, cores: Grid): Grid {
  const spots = labelRegions(
    maskOf(grey, (index) => Boolean(cores.data[index]) || (grey.data[index] as number) >= LOWEST_RIM),
    true,
  );
  const kept = maskOf(grey, () => false);
  for (const label of new Set(spots.filter((_, index) => cores.data[index]))) {
    const spot = maskOf(grey, (index) => spots[index] === label);
    const grown = highestWithin(spot, 1);
    let [bright, all] = [0, 0];
    grown.data.forEach((inside, index) => {
      if (!inside || spot.data[index]) return;
      all++;
      if ((grey.data[index] as number) >= MIN_SKIRT_LEVEL) bright++;
    });
    if (2 * bright < all) continue;
    for (let index = 0; index < kept.data.length; index++) {
      if (spot.data[index] && cores.data[index]) kept.data[index] = 1;
    }
  }
  return kept;
}

/** Return whether noise is stronger than `MAX_NOISE`, by differences between three pixels side by side. */
function isNoisy({ data, width }: Grid): boolean {
  const factor = MAX_NOISE * MEDIAN_OF_SQUARE * SECOND_DIFFERENCE_VARIANCE;
  const [low, high] = NOISE_LEVELS;
  let [noisy, all] = [0, 0];
  for (let index = 1; index < data.length - 1; index++) {
    const column = index % width;
    if (column === 0 || column === width - 1) continue;
    const [left, middle, right] = [data[index - 1] as number, data[index] as number, data[index + 1] as number];
    const total = left + middle + right;
    if (total <= 3 * low || total >= 3 * high) continue;
    all++;
    if ((left - 2 * middle + right) ** 2 > factor * (total / 3)) noisy++;
  }
  return all >= LEAST_NOISE_PIXELS && 2 * noisy > all;
}

/** Return the pits of a hot spot as one core, with the peaks between them, inside the hot spot. */
function coresOf(pits: Grid): Grid {
  const margin = CORE_CLOSING_HALF_WIDTHS.length;
  const { width, height } = pits;
  const padded = { width: width + 2 * margin, height: height + 2 * margin };
  const data = new Uint8Array(padded.width * padded.height);
  for (let row = 0; row < height; row++) {
    data.set(pits.data.subarray(row * width, (row + 1) * width), (row + margin) * padded.width + margin);
  }
  const grown = growByDisc({ data, ...padded }, CORE_CLOSING_HALF_WIDTHS);
  const outside = labelRegions(growByDisc(not(grown), CORE_CLOSING_HALF_WIDTHS), false);
  return maskOf(pits, (index) => {
    const row = Math.floor(index / width);
    return outside[(row + margin) * padded.width + (index % width) + margin] !== outside[0];
  });
}

/** Return a mask of a part as one of the whole scan. */
function unframed(mask: Grid, part: Part, grey: Grid): Uint8Array {
  const whole = new Uint8Array(grey.data.length);
  for (let row = 1; row < mask.height - 1; row++) {
    const inside = mask.data.subarray(row * mask.width + 1, (row + 1) * mask.width - 1);
    whole.set(inside, (row - 1 + part.top) * grey.width + part.left);
  }
  return whole;
}

function not(mask: Grid): Grid {
  return maskOf(mask, (index) => !mask.data[index]);
}

function both(one: Grid, other: Grid): Grid {
  return maskOf(one, (index) => Boolean(one.data[index] && other.data[index]));
}
