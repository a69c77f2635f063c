/** The boxes that a model found on a scan: its rows of numbers, and what they mean. */

import type { BoxSite } from './box-sites.ts';
import { CLASS_NAMES, type ClassName } from './card.ts';
import type { Thresholds } from './thresholds.ts';

/** Columns of a box as the model gives it: x1 y1 x2 y2 in pixels of the scan, confidence, class. */
export const BOX_COLUMNS = 6;

/** Most boxes shown on a scan; as in `bonescan_yolo/model/runtime.py`. */
const MAX_DETECTIONS = 300;

/** What boxes are made from. */
export interface FoundOnScan {
  /** (n x 6), best first. */
  boxes: Float32Array;
  /** Height and width of a pixel in millimetres, null where unknown. */
  pixelSpacingMm: [number, number] | null;
  /** Where each box is, null for one over no bone; null if the model gives no sites. */
  sites: readonly (BoxSite | null)[] | null;
}

export interface Box {
  className: ClassName;
  confidence: number;
  /** Edges in pixels of the scan. */
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  /** Width and height in millimetres, null where the pixel spacing is unknown. */
  sizeMm: [number, number] | null;
  /** Null over no bone, and where the model gives no sites. */
  site: BoxSite | null;
}

/** Return the boxes of a scan above the threshold of their class, best first. */
export function boxesOf(found: FoundOnScan, thresholds: Thresholds): Box[] {
  const boxes: Box[] = [];
  for (let row = 0; row < found.boxes.length && boxes.length < MAX_DETECTIONS; row += BOX_COLUMNS) {
    const [x1, y1, x2, y2, score, classId] = found.boxes.subarray(row, row + BOX_COLUMNS) as unknown as number[];
    const className = CLASS_NAMES[classId as number];
    if (!className || !((score as number) > Math.fround(thresholds[className]))) continue; // in float32 as the model
    const edges = { x1: x1 as number, y1: y1 as number, x2: x2 as number, y2: y2 as number };
    const site = found.sites?.[row / BOX_COLUMNS] ?? null;
    boxes.push({ className, confidence: score as number, ...edges, sizeMm: sizeOf(edges, found.pixelSpacingMm), site });
  }
  return boxes;
}

/** Return how many boxes are of each class. */
export function countByClass(boxes: readonly Box[]): Record<ClassName, number> {
  const abnormal = boxes.filter((box) => box.className === 'abnormal').length;
  return { abnormal, normal: boxes.length - abnormal };
}

function sizeOf(
  edges: { x1: number; y1: number; x2: number; y2: number },
  spacing: [number, number] | null,
): [number, number] | null {
  return spacing && [(edges.x2 - edges.x1) * spacing[1], (edges.y2 - edges.y1) * spacing[0]];
}
