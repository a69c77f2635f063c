/** The sites of a scan's boxes, from the map of bones in the network's frame; as `bonescan_yolo/model/scan_sites.py`. */

import type { View } from '../scan/names.ts';
import { type BoneMap, type BoxSite, type Corners, STRIDE, siteOfBox } from './box-sites.ts';
import { BOX_COLUMNS } from './boxes.ts';
import { placeInFrame, type Size } from './fitting.ts';
import { BONES } from './region-names.ts';

/** Return the map of bones of a model's output, bones x rows x columns; null if it is empty: the model sees none. */
export function boneMapOf(data: Uint8Array, dims: readonly number[]): BoneMap | null {
  const [bones, rows, columns] = dims;
  if (bones !== BONES.length || !rows || !columns || data.length !== bones * rows * columns) return null;
  return { data, rows, columns };
}

/**
 * Return the site of each box; null over no bone, and in place of all without a map.
 *
 * Edges are rounded to float32 as Python does it, so that both are over the same cells.
 *
 * @param map of the scan, in the network's frame.
 * @param boxes (n x 6): x1 y1 x2 y2 in pixels of the scan, confidence, class.
 */
export function sitesOnScan(
  map: BoneMap | null,
  boxes: Float32Array,
  scan: Size & { view: View | null },
): (BoxSite | null)[] | null {
  if (!map) return null;
  const fit = placeInFrame(scan, { width: map.columns * STRIDE, height: map.rows * STRIDE });
  const across = (x = 0) => Math.fround(Math.fround(x * Math.fround(fit.scaleX)) + fit.left);
  const down = (y = 0) => Math.fround(Math.fround(y * Math.fround(fit.scaleY)) + fit.top);
  return Array.from({ length: boxes.length / BOX_COLUMNS }, (_, row) => {
    const [x1, y1, x2, y2] = boxes.subarray(row * BOX_COLUMNS, row * BOX_COLUMNS + 4);
    const corners: Corners = [across(x1), down(y1), across(x2), down(y2)];
    return siteOfBox(map, corners, scan.view);
  });
}
