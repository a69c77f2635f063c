/** The picture that is saved: the views of a study whole, in the window on the screen, with boxes and captions. */

import type { StudyScan } from '../files/studies.ts';
import { type Box, countByClass } from '../model/boxes.ts';
import type { ShownScan } from '../scan/shown.ts';
import { type Display, windowLimits } from './display.ts';
import { CLASS_COLOURS, drawBoxes, paint } from './draw.ts';
import { make } from './page.ts';

/** Width at which one scan is drawn; 256 pixels are doubled so that boxes of 10 px can be seen. */
const SCAN_WIDTH_PX = 512;
const MAX_HEIGHT_PX = 2048;
const GAP_PX = 8;
const HEADER_PX = 30;
const FOOTER_PX = 26;
const INSET_PX = 10;
const MIN_PANEL_PX = 360;
const GROUND = '#101010';
const TEXT = '#d8d8d8';
const LEGEND = 'Numbers: confidence in per cent.';

interface Part {
  scan: StudyScan;
  shown: ShownScan;
  boxes: Box[];
}

/** Return a study as PNG. */
export async function pictureOf(parts: readonly Part[], display: Display, notice: string): Promise<Blob> {
  const panels = parts.map((part) => panelOf(part, display));
  const canvas = make('canvas');
  canvas.width = panels.reduce((sum, panel) => sum + panel.width + GAP_PX, -GAP_PX);
  canvas.height = Math.max(...panels.map((panel) => panel.height)) + FOOTER_PX;
  const context = contextOf(canvas);
  context.fillStyle = GROUND;
  context.fillRect(0, 0, canvas.width, canvas.height);
  let left = 0;
  for (const panel of panels) {
    context.drawImage(panel, left, 0);
    left += panel.width + GAP_PX;
  }
  write(
    context,
    `${notice} ${display.showsBoxes ? LEGEND : ''}`,
    INSET_PX,
    canvas.height - FOOTER_PX / 2,
    TEXT,
    canvas.width,
  );
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the browser made no picture'))), 'image/png');
  });
}

/** Draw one view with its caption. */
function panelOf({ scan, shown, boxes }: Part, display: Display): HTMLCanvasElement {
  const { width } = scan.reading;
  const [first, last] = shown.bodyRows;
  const scale = Math.min(SCAN_WIDTH_PX / width, MAX_HEIGHT_PX / (last - first));
  const canvas = make('canvas');
  canvas.width = Math.max(MIN_PANEL_PX, Math.round(width * scale));
  canvas.height = HEADER_PX + Math.round((last - first) * scale);
  const context = contextOf(canvas);
  const image = make('canvas');
  paint(image, shown, windowLimits(display, shown.boneLevel), display.isInverted);
  context.fillStyle = GROUND;
  context.fillRect(0, 0, canvas.width, canvas.height);
  const place = { scale, left: (canvas.width - width * scale) / 2, top: HEADER_PX - first * scale };
  context.imageSmoothingQuality = 'high';
  context.save();
  context.beginPath();
  context.rect(0, HEADER_PX, canvas.width, canvas.height);
  context.clip();
  context.drawImage(image, place.left, place.top, width * scale, scan.reading.height * scale);
  if (display.showsBoxes) drawBoxes(context, boxes, place, null, [canvas.width, canvas.height]);
  context.restore();
  caption(context, scan, display.showsBoxes ? boxes : [], canvas.width);
  return canvas;
}

/**
 * Write frame and view on the left, the count of each class on the right.
 *
 * The file's name is left out: it may be the patient's, and pictures are passed on.
 */
function caption(context: CanvasRenderingContext2D, scan: StudyScan, boxes: Box[], width: number): void {
  const counts = countByClass(boxes);
  let right = width - INSET_PX;
  for (const name of ['normal', 'abnormal'] as const) {
    const text = `${counts[name]} ${name}`;
    context.font = FONT;
    right -= context.measureText(text).width;
    if (boxes.length) write(context, text, right, HEADER_PX / 2, CLASS_COLOURS[name], width);
    right -= INSET_PX;
  }
  const { frame, frameCount, view } = scan.reading;
  const title = `${frameCount > 1 ? `frame ${frame + 1}: ` : ''}${view ?? 'view unknown'}`;
  write(context, title, INSET_PX, HEADER_PX / 2, TEXT, right - 2 * INSET_PX);
}

const FONT = '14px system-ui, sans-serif';

function write(
  context: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  colour: string,
  most: number,
): void {
  context.font = FONT;
  context.textBaseline = 'middle';
  context.fillStyle = colour;
  context.fillText(text, x, y, most);
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d');
  if (!context) throw new Error('the browser has no canvas of this size');
  return context;
}
