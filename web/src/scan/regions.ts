/** Connected regions of a mask and what they grow to: as in `bonescan_yolo/scan/morphology.py`. */

/** Values row by row: of a mask 1 inside and 0 outside, or grey levels. */
export interface Grid {
  data: Uint8Array;
  width: number;
  height: number;
}

/** Return a mask of the shape of a grid, 1 where a pixel's index passes. */
export function maskOf(grid: Grid, passes: (index: number) => boolean): Grid {
  return { ...grid, data: Uint8Array.from(grid.data, (_, index) => Number(passes(index))) };
}

export function isEmpty(mask: Grid): boolean {
  return !mask.data.includes(1);
}

/**
 * Return the number of the connected region that each pixel of a mask is in, from 1 in the order of their first pixels;
 * 0 outside of it.
 *
 * @param isDiagonal whether pixels that share a corner are connected as well.
 */
export function labelRegions(mask: Grid, isDiagonal: boolean): Int32Array {
  const { data, width, height } = mask;
  const labels = new Int32Array(data.length);
  const waiting: number[] = [];
  let count = 0;
  const reach = (index: number) => {
    if (!data[index] || labels[index]) return;
    labels[index] = count;
    waiting.push(index);
  };
  for (let first = 0; first < data.length; first++) {
    if (!data[first] || labels[first]) continue;
    count++;
    reach(first);
    while (waiting.length) {
      const index = waiting.pop() as number;
      const column = index % width;
      const row = (index - column) / width;
      for (let down = row ? -1 : 0; down <= (row < height - 1 ? 1 : 0); down++) {
        for (let right = column ? -1 : 0; right <= (column < width - 1 ? 1 : 0); right++) {
          if (isDiagonal || !down || !right) reach(index + down * width + right);
        }
      }
    }
  }
  return labels;
}

/** Return the largest value within a distance of each pixel, along rows and columns; of a mask, the mask grown. */
export function highestWithin(grid: Grid, distance: number): Grid {
  const rows = widened(grid, distance, 1, grid.width);
  return widened(rows, distance, grid.width, grid.height);
}

/** Return a mask grown by a disc, given by half the width of each of its rows. */
export function growByDisc(mask: Grid, halfWidths: readonly number[]): Grid {
  const { data, width, height } = mask;
  const middle = halfWidths.length >> 1;
  const grown = new Uint8Array(data.length);
  for (let index = 0; index < data.length; index++) {
    if (!data[index]) continue;
    const column = index % width;
    const row = (index - column) / width;
    halfWidths.forEach((half, number) => {
      const reached = row + number - middle;
      if (reached < 0 || reached >= height) return;
      grown.fill(1, reached * width + Math.max(column - half, 0), reached * width + Math.min(column + half + 1, width));
    });
  }
  return { data: grown, width, height };
}

/** Return the largest value within a distance along one axis of `side` pixels that are `step` apart. */
function widened(grid: Grid, distance: number, step: number, side: number): Grid {
  const { data } = grid;
  const result = new Uint8Array(data.length);
  for (let index = 0; index < data.length; index++) {
    const place = Math.floor(index / step) % side;
    let highest = 0;
    for (let shift = -Math.min(distance, place); shift <= Math.min(distance, side - 1 - place); shift++) {
      highest = Math.max(highest, data[index + shift * step] as number);
    }
    result[index] = highest;
  }
  return { ...grid, data: result };
}
