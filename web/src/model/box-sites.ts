/**
 * Where a box is: the region of the skeleton under it, and which rib or vertebra where that is clear. The twin of
 * `bonescan_yolo/regions/box_sites.py`, where the numbers are explained; both pass the cases of
 * `tests/shared/sites.json`.
 */

import type { View } from '../scan/names.ts';
import { BONES, type Part, REGIONS, type Region } from './region-names.ts';

/** Pixels of the frame per cell of a map, to each side. */
export const STRIDE = 4;

/** A cell that is covered whole. */
const WHOLE = 255;

const LEAST_COVER = 0.15;
const LEAST_LEAD = 1.25;
const SPREAD = 0.25;
const LEAST_SPREAD = 0.5;

const LIKELY: Record<View, Partial<Record<Part, number>>> = {
  anterior: {
    skull: 0.4,
    thoracic_spine: 0.8,
    sacrum: 1.1,
    clavicle: 1.25,
    scapula: 0.6,
    humerus: 0.9,
    pelvis: 1.1,
  },
  posterior: {
    skull: 1.5,
    thoracic_spine: 1.25,
    lumbar_spine: 1.5,
    clavicle: 0.9,
    scapula: 0.6,
    humerus: 0.9,
    pelvis: 1.1,
  },
};

/** How much each of BONES covers each cell of the frame: layer after layer, in each row by row, from 0 to WHOLE. */
export interface BoneMap {
  data: Uint8Array;
  rows: number;
  columns: number;
}

export interface BoxSite {
  region: Region;
  /** Of the rib or vertebra; null in other regions, and where it is not clear. */
  number: number | null;
  /** Part of the box that the region covers, 0 to 1. */
  share: number;
}

/** x1 y1 x2 y2 in pixels of the frame. */
export type Corners = readonly [number, number, number, number];

/** The cells of one axis that a box is over, and how near each is to its middle. */
interface Cells {
  start: number;
  weights: number[];
}

/** Return the site of a box on a scan of a view; null over no bone. */
export function siteOfBox(map: BoneMap, box: Corners, view: View | null): BoxSite | null {
  const [x1, y1, x2, y2] = box.map((edge) => edge / STRIDE) as unknown as Corners;
  const down = cellsOf(y1, y2, map.rows);
  const across = cellsOf(x1, x2, map.columns);
  const layers = BONES.map((_, bone) => layerIn(map, bone, down, across));
  const weights = down.weights.flatMap((row) => across.weights.map((column) => row * column));
  const whole = sum(weights);
  const weighted = (cells: readonly number[]) =>
    sum(cells.map((cell, index) => (cell * (weights[index] ?? 0)) / whole));
  const regions = REGIONS.map((_, region) => highest(layers.filter((_, bone) => BONES[bone]?.region === region)));
  const covered = regions.map(weighted);
  const place = firstHighest(covered.map((cover, region) => cover * factorOf(REGIONS[region]?.part, view)));
  const region = REGIONS[place] as Region;
  if ((covered[place] as number) < LEAST_COVER) return null;
  const cells = regions[place] as number[];
  const number = region.count ? clearNumber(layers, place, weighted) : null;
  return { region, number, share: sum(cells) / cells.length };
}

/** Return the number of the bone of a region that covers most of a box, if it leads. */
function clearNumber(
  layers: readonly number[][],
  region: number,
  weighted: (cells: readonly number[]) => number,
): number | null {
  const covers = BONES.flatMap((bone, index) =>
    bone.region === region ? [{ number: bone.number, cover: weighted(layers[index] ?? []) }] : [],
  ).sort((one, other) => other.cover - one.cover);
  const [first, second] = covers;
  return first && second && first.cover >= LEAST_LEAD * second.cover ? first.number : null;
}

function cellsOf(first: number, last: number, size: number): Cells {
  const start = clip(Math.floor(first), 0, size - 1);
  const stop = clip(Math.ceil(last), start + 1, size);
  const spread = Math.max(SPREAD * (last - first), LEAST_SPREAD);
  const middle = clip((first + last) / 2, start, stop);
  const weights = Array.from({ length: stop - start }, (_, index) =>
    Math.exp(-0.5 * ((start + index + 0.5 - middle) / spread) ** 2),
  );
  return { start, weights };
}

/** Return how much a bone covers each cell under a box, row by row, from 0 to 1. */
function layerIn({ data, rows, columns }: BoneMap, bone: number, down: Cells, across: Cells): number[] {
  return down.weights.flatMap((_, row) => {
    const first = (bone * rows + down.start + row) * columns + across.start;
    return Array.from(data.subarray(first, first + across.weights.length), (cell) => cell / WHOLE);
  });
}

function factorOf(part: Part | undefined, view: View | null): number {
  return (view && part && LIKELY[view][part]) ?? 1;
}

/** Return the highest of several layers in each cell. */
function highest(layers: readonly number[][]): number[] {
  const [first = []] = layers;
  return first.map((_, cell) => Math.max(...layers.map((layer) => layer[cell] as number)));
}

function firstHighest(values: readonly number[]): number {
  return values.reduce((best, value, index) => (value > (values[best] as number) ? index : best), 0);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function clip(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
