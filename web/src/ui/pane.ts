/** One view on the screen: the scan with its boxes, and its captions. */

import type { StudyScan } from '../files/studies.ts';
import { type Box, countByClass } from '../model/boxes.ts';
import type { ShownScan } from '../scan/shown.ts';
import { type Display, windowLimits } from './display.ts';
import { drawBoxes, outlineOf, type Placement, paint } from './draw.ts';
import { make } from './page.ts';

/** Room for the captions above and below, and beside the scan, in screen pixels. */
const CAPTION_PX = 30;
const SIDE_PX = 10;

export class Pane {
  readonly element = make('div', '', 'pane');
  readonly canvas = make('canvas');
  private readonly title = make('p', '', 'title');
  private readonly foot = make('p', '', 'foot');
  /** The scan through the window, one canvas pixel per scan pixel. */
  private readonly image = make('canvas');
  private painted = '';
  boxes: Box[] = [];

  constructor(
    readonly scan: StudyScan,
    readonly shown: ShownScan,
  ) {
    const doubts = scan.reading.doubts.map(({ message }) => message).join('; ');
    this.element.append(this.canvas, this.title, this.foot);
    if (doubts) this.element.append(make('p', `Quality: ${doubts}`, 'doubts'));
    this.element.tabIndex = 0;
    this.element.setAttribute('role', 'group');
    this.canvas.setAttribute('role', 'img');
    const { view, frame, frameCount, inverted, lossy, notes } = scan.reading;
    this.title.append(view ? `${view[0]?.toUpperCase()}${view.slice(1)} ` : 'View unknown ');
    const several = frameCount > 1 ? `, frame ${frame + 1}` : '';
    const facts = [...(inverted ? ['inverted so that hot is bright'] : []), ...(lossy ? ['lossy'] : []), ...notes];
    this.title.append(make('span', [`${scan.entry.path}${several}`, ...facts].join(', '), 'file'));
  }

  get name(): string {
    return this.scan.reading.view ?? 'scan';
  }

  /** Set the boxes to show, and describe them to screen readers. */
  setBoxes(boxes: Box[]): void {
    this.boxes = boxes;
    const { abnormal, normal } = countByClass(boxes);
    const label = `${this.name} of ${this.scan.entry.path}: ${abnormal} abnormal and ${normal} normal hot spots`;
    this.canvas.setAttribute('aria-label', label);
    this.element.setAttribute('aria-label', `${this.name}, arrow keys move the scan`);
  }

  /** Draw everything again; `lit` is the index of the highlighted box. */
  draw(display: Display, lit: number | null): void {
    const context = this.canvas.getContext('2d');
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!context || !width || !height) return;
    const density = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(width * density);
    this.canvas.height = Math.round(height * density);
    context.setTransform(density, 0, 0, density, 0, 0);
    this.repaint(display);
    const place = this.placement(display);
    context.imageSmoothingQuality = 'high';
    const { scan } = this;
    context.drawImage(
      this.image,
      place.left,
      place.top,
      scan.reading.width * place.scale,
      scan.reading.height * place.scale,
    );
    if (display.showsBoxes) drawBoxes(context, this.boxes, place, lit, [width, height]);
  }

  /** Return where the scan is on the canvas. */
  placement(display: Display): Placement {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const [first, last] = this.shown.bodyRows;
    const fit = Math.min((width - 2 * SIDE_PX) / this.scan.reading.width, (height - 2 * CAPTION_PX) / (last - first));
    const scale = Math.max(fit, 0.01) * display.zoom;
    return {
      scale,
      left: width / 2 - (this.scan.reading.width / 2 + display.panX) * scale,
      top: height / 2 - ((first + last) / 2 + display.panY) * scale,
    };
  }

  /** Return the index of the smallest box at a point of the canvas, or null. */
  boxAt(x: number, y: number, display: Display): number | null {
    if (!display.showsBoxes) return null;
    const place = this.placement(display);
    const area = (index: number) => {
      const [x1, y1, x2, y2] = outlineOf(this.boxes[index] as Box, place);
      return x >= x1 && x <= x2 && y >= y1 && y <= y2 ? (x2 - x1) * (y2 - y1) : Number.POSITIVE_INFINITY;
    };
    const hits = this.boxes.map((_, index) => index).filter((index) => Number.isFinite(area(index)));
    return hits.sort((first, second) => area(first) - area(second))[0] ?? null;
  }

  private repaint(display: Display): void {
    const limits = windowLimits(display, this.shown.boneLevel);
    const state = `${limits} ${display.isInverted}`;
    if (state === this.painted) return;
    this.painted = state;
    paint(this.image, this.shown, limits, display.isInverted);
    const [low, high] = limits.map((limit) => (limit < 10 ? Number(limit.toFixed(1)) : limit.toFixed(0)));
    this.foot.textContent = `${this.shown.unit}s ${low} to ${high}`;
  }
}
