/** Drawing on a canvas: the scan through its window, and boxes with their confidence. */

import type { Box } from '../model/boxes.ts';
import type { ClassName } from '../model/card.ts';
import type { ShownScan } from '../scan/shown.ts';

/** As in `bonescan_yolo/predict/drawing.py`: vermilion and bluish green, distinct in common colour blindness. */
export const CLASS_COLOURS: Record<ClassName, string> = { abnormal: '#ff5a36', normal: '#35c9a5' };

/** The outline is drawn this far outside the box, so that it hides nothing of the hot spot; in screen pixels. */
const BOX_MARGIN_PX = 2;
const LABEL_PX = 13;
const LABEL_GAP_PX = 3;

/** Left, upper, right and lower edge in pixels of the canvas. */
type Rectangle = [number, number, number, number];

/** From pixels of the scan to those of the canvas. */
export interface Placement {
  scale: number;
  left: number;
  top: number;
}

/** Paint a scan through a window: `low` and below become black, `high` and above white, or the other way round. */
export function paint(
  canvas: HTMLCanvasElement,
  scan: ShownScan,
  [low, high]: [number, number],
  isInverted: boolean,
): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  if (canvas.width !== scan.width || canvas.height !== scan.height) {
    canvas.width = scan.width;
    canvas.height = scan.height;
  }
  const image = context.createImageData(scan.width, scan.height);
  const shades = new Uint32Array(image.data.buffer);
  const { pixels } = scan;
  const factor = 255 / Math.max(high - low, 1e-9);
  for (let index = 0; index < pixels.length; index++) {
    const level = Math.min(255, Math.max(0, ((pixels[index] as number) - low) * factor)) | 0;
    const shade = isInverted ? 255 - level : level;
    shades[index] = 0xff000000 | (shade << 16) | (shade << 8) | shade; // alpha highest, on little-endian machines
  }
  context.putImageData(image, 0, 0);
}

/** Draw boxes, the best on top and `lit` above all, then beside each its confidence in per cent. */
export function drawBoxes(
  context: CanvasRenderingContext2D,
  boxes: readonly Box[],
  place: Placement,
  lit: number | null,
  size: [number, number],
): void {
  const outlines = boxes.map((box) => outlineOf(box, place));
  const order = boxes.map((_, index) => index).reverse();
  for (const index of lit === null ? order : [...order.filter((other) => other !== lit), lit]) {
    drawOutline(context, outlines[index] as Rectangle, (boxes[index] as Box).className, index === lit);
  }
  context.font = `600 ${LABEL_PX}px system-ui, sans-serif`;
  context.textBaseline = 'top';
  const taken: Rectangle[] = [...outlines];
  boxes.forEach((box, index) => {
    const percent = `${Math.round(100 * box.confidence)}`;
    const text = index === lit ? `${box.className} ${percent} %` : percent;
    const spot = labelPlace(outlines[index] as Rectangle, context.measureText(text).width, size, taken);
    taken.push(spot);
    context.lineWidth = 3;
    context.lineJoin = 'round';
    context.strokeStyle = '#0e1012';
    context.strokeText(text, spot[0], spot[1]);
    context.fillStyle = CLASS_COLOURS[box.className];
    context.fillText(text, spot[0], spot[1]);
  });
}

/** Return the rectangle drawn for a box. */
export function outlineOf(box: Box, { scale, left, top }: Placement): Rectangle {
  return [
    left + box.x1 * scale - BOX_MARGIN_PX,
    top + box.y1 * scale - BOX_MARGIN_PX,
    left + box.x2 * scale + BOX_MARGIN_PX,
    top + box.y2 * scale + BOX_MARGIN_PX,
  ];
}

function drawOutline(
  context: CanvasRenderingContext2D,
  [x1, y1, x2, y2]: Rectangle,
  name: ClassName,
  isLit: boolean,
): void {
  const colour = CLASS_COLOURS[name];
  if (isLit) {
    context.fillStyle = `${colour}33`;
    context.fillRect(x1, y1, x2 - x1, y2 - y1);
  }
  const width = isLit ? 3 : 1.5;
  context.strokeStyle = '#0e1012';
  context.lineWidth = width + 2;
  context.strokeRect(x1, y1, x2 - x1, y2 - y1);
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.strokeRect(x1, y1, x2 - x1, y2 - y1);
}

/** Return where a label covers the least of the boxes and labels in `taken`: right, left, above or below. */
function labelPlace([x1, y1, x2, y2]: Rectangle, width: number, size: [number, number], taken: Rectangle[]): Rectangle {
  const corners: [number, number][] = [
    [x2 + LABEL_GAP_PX, y1],
    [x1 - LABEL_GAP_PX - width, y1],
    [x1, y1 - LABEL_GAP_PX - LABEL_PX],
    [x1, y2 + LABEL_GAP_PX],
  ];
  const places = corners.map(([left, top]): Rectangle => [left, top, left + width, top + LABEL_PX]);
  const inside = places.filter(
    ([left, top, right, bottom]) => left >= 0 && top >= 0 && right <= size[0] && bottom <= size[1],
  );
  const costs = (inside.length ? inside : places).map((place) => ({
    place,
    cost: taken.reduce((sum, other) => sum + shared(place, other), 0),
  }));
  return costs.reduce((best, next) => (next.cost < best.cost ? next : best)).place;
}

/** Return the area that two rectangles share. */
function shared(first: Rectangle, second: Rectangle): number {
  const width = Math.min(first[2], second[2]) - Math.max(first[0], second[0]);
  const height = Math.min(first[3], second[3]) - Math.max(first[1], second[1]);
  return Math.max(0, width) * Math.max(0, height);
}
