/** The views of a study side by side; they move, zoom and change their window together. */

import type { StudyScan } from '../files/studies.ts';
import type { Box } from '../model/boxes.ts';
import type { ShownScan } from '../scan/shown.ts';
import { adjustWindow, clamp, type Display, firstDisplay, fitBody, MAX_ZOOM } from './display.ts';
import { listen } from './gestures.ts';
import { byId } from './page.ts';
import { Pane } from './pane.ts';

/** Zoom for looking at a single box. */
const BOX_ZOOM = 3;

/** A box of the study that is shown: the index of its pane, and its index in that pane. */
export interface BoxPlace {
  pane: number;
  box: number;
}

export class Viewer {
  readonly display: Display = firstDisplay();
  /** What dragging does. */
  tool: 'window' | 'move' = 'window';
  private readonly area = byId('panes', HTMLElement);
  private panes: Pane[] = [];
  private lit: BoxPlace | null = null;
  private isDue = false;

  /** @param onPoint called with the box that is pointed at on a scan, or null. */
  constructor(private readonly onPoint: (place: BoxPlace | null) => void) {
    new ResizeObserver(() => this.redraw()).observe(this.area);
  }

  /** Show scans with their pixels, in this order. */
  show(scans: readonly { scan: StudyScan; shown: ShownScan }[]): void {
    const hadFocus = this.panes.findIndex(({ element }) => element === document.activeElement);
    this.panes = scans.map(({ scan, shown }) => new Pane(scan, shown));
    for (const [index, pane] of this.panes.entries()) this.listenTo(pane, index);
    this.area.replaceChildren(...this.panes.map(({ element }) => element));
    this.area.hidden = !this.panes.length;
    this.lit = null;
    if (hadFocus >= 0) this.panes[Math.min(hadFocus, this.panes.length - 1)]?.element.focus();
  }

  get scans(): { scan: StudyScan; shown: ShownScan; boxes: Box[] }[] {
    return this.panes.map(({ scan, shown, boxes }) => ({ scan, shown, boxes }));
  }

  setBoxes(boxes: readonly Box[][]): void {
    this.panes.forEach((pane, index) => {
      pane.setBoxes(boxes[index] ?? []);
    });
    this.redraw();
  }

  light(place: BoxPlace | null): void {
    if (this.lit?.pane === place?.pane && this.lit?.box === place?.box) return;
    this.lit = place;
    this.redraw();
  }

  /** Bring a box into the middle, large enough to look at. */
  goTo({ pane: index, box: number }: BoxPlace): void {
    const pane = this.panes[index];
    const box = pane?.boxes[number];
    if (!pane || !box) return;
    this.display.zoom = Math.max(this.display.zoom, BOX_ZOOM);
    const [first, last] = pane.shown.bodyRows;
    this.display.panX = (box.x1 + box.x2) / 2 - pane.scan.reading.width / 2;
    this.display.panY = (box.y1 + box.y2) / 2 - (first + last) / 2;
    this.redraw();
  }

  /** Move the picture by screen pixels. */
  move(dx: number, dy: number): void {
    const pane = this.panes[0];
    if (!pane) return;
    const { scale } = pane.placement(this.display);
    this.pan(dx / scale, dy / scale);
  }

  /** Zoom around a point of a pane, by default around the middle of the first. */
  zoom(factor: number, place?: { pane: number; x: number; y: number }): void {
    const pane = this.panes[place?.pane ?? 0];
    if (!pane) return;
    const x = place?.x ?? pane.canvas.clientWidth / 2;
    const y = place?.y ?? pane.canvas.clientHeight / 2;
    const before = pane.placement(this.display);
    this.display.zoom = clamp(this.display.zoom * factor, 0.5, MAX_ZOOM);
    const after = pane.placement(this.display);
    const shift = (edge: 'left' | 'top', at: number) =>
      (at - after[edge]) / after.scale - (at - before[edge]) / before.scale;
    this.pan(shift('left', x), shift('top', y));
  }

  /** Show the whole body. */
  fit(): void {
    fitBody(this.display);
    this.redraw();
  }

  /** Draw at the next frame, once for all changes until then. */
  redraw(): void {
    if (this.isDue) return;
    this.isDue = true;
    requestAnimationFrame(() => {
      this.isDue = false;
      this.area.classList.toggle('moving', this.tool === 'move');
      this.panes.forEach((pane, index) => {
        pane.draw(this.display, this.lit?.pane === index ? this.lit.box : null);
      });
    });
  }

  /** Move the scan by pixels of its own; its middle never leaves the picture. */
  private pan(right: number, down: number): void {
    const reading = this.panes[0]?.scan.reading;
    if (!reading) return;
    this.display.panX = clamp(this.display.panX - right, -reading.width / 2, reading.width / 2);
    this.display.panY = clamp(this.display.panY - down, -reading.height / 2, reading.height / 2);
    this.redraw();
  }

  private listenTo(pane: Pane, index: number): void {
    listen(pane.canvas, {
      point: (place) => {
        const box = place && pane.boxAt(place.x, place.y, this.display);
        this.onPoint(box === null ? null : { pane: index, box });
      },
      drag: (dx, dy, isMove) => {
        if (isMove || this.tool === 'move') return this.move(dx, dy);
        adjustWindow(this.display, dx, -dy);
        this.redraw();
      },
      zoom: (factor, x, y) => this.zoom(factor, { pane: index, x, y }),
      reset: () => this.fit(),
    });
  }
}
