/** The table of hot spots: pointing at a row highlights its box, and pointing at a box its row. */

import type { StudyScan } from '../files/studies.ts';
import type { Box } from '../model/boxes.ts';
import { siteText } from '../model/site-words.ts';
import { byId, make } from './page.ts';
import type { BoxPlace } from './viewer.ts';

export interface TableActions {
  /** A row is pointed at; null when none is any more. */
  point(place: BoxPlace | null): void;
  /** A row was chosen. */
  choose(place: BoxPlace): void;
}

export class Table {
  private readonly table = byId('table', HTMLTableElement);
  private readonly caption = byId('table-caption', HTMLElement);
  private readonly classHead = byId('class-head', HTMLElement);
  private readonly sizeHead = byId('size-head', HTMLElement);
  private readonly rows = new Map<string, HTMLTableRowElement>();
  private lit: HTMLTableRowElement | null = null;

  constructor(private readonly actions: TableActions) {
    this.table.addEventListener('keydown', (event) => this.step(event));
    this.table.addEventListener('pointerleave', () => actions.point(null));
  }

  /** List the boxes of each scan, best first. */
  show(scans: readonly { scan: StudyScan; boxes: readonly Box[] }[]): void {
    const focused = this.focusedKey();
    this.rows.clear();
    const hasMm = scans.some(({ scan }) => scan.reading.pixelSpacingMm);
    this.sizeHead.textContent = hasMm ? 'Size, mm' : 'Size, px';
    this.classHead.textContent = scans.some(({ scan }) => scan.reading.sites) ? 'Class, site' : 'Class';
    const total = scans.reduce((sum, { boxes }) => sum + boxes.length, 0);
    this.caption.textContent = total === 1 ? '1 hot spot' : `${total} hot spots`;
    for (const body of [...this.table.tBodies]) body.remove();
    scans.forEach(({ scan, boxes }, pane) => {
      this.table.append(this.body(scan, boxes, pane));
    });
    if (focused) this.rows.get(focused)?.querySelector('button')?.focus();
  }

  light(place: BoxPlace | null): void {
    this.lit?.classList.remove('lit');
    this.lit = (place && this.rows.get(keyOf(place))) ?? null;
    this.lit?.classList.add('lit');
    this.lit?.scrollIntoView({ block: 'nearest' });
  }

  /** Put the keyboard into the table. */
  focus(): void {
    this.table.querySelector('button')?.focus();
  }

  private body(scan: StudyScan, boxes: readonly Box[], pane: number): HTMLTableSectionElement {
    const body = make('tbody');
    const heading = make('th', `${scan.reading.view ?? 'view unknown'}${boxes.length ? '' : ': none'}`);
    heading.colSpan = 4;
    heading.scope = 'rowgroup';
    const first = make('tr', '', 'view-row');
    first.append(heading);
    body.append(first, ...boxes.map((box, index) => this.row(box, { pane, box: index })));
    return body;
  }

  private row(box: Box, place: BoxPlace): HTMLTableRowElement {
    const row = make('tr');
    const chooser = make('button', `${place.box + 1}`);
    chooser.title = 'Zoom in on it';
    const number = make('td');
    number.append(chooser);
    const size = box.sizeMm ?? [box.x2 - box.x1, box.y2 - box.y1];
    const name = make('td', box.className, `class-${box.className}`);
    // the view is said above
    if (box.site) name.append(make('div', siteText(box.site.region, box.site.number, null), 'site'));
    row.append(
      number,
      name,
      make('td', `${Math.round(100 * box.confidence)} %`, 'number'),
      make('td', size.map((side) => side.toFixed(0)).join(' x '), 'number'),
    );
    row.addEventListener('pointerenter', () => this.actions.point(place));
    chooser.addEventListener('focus', () => this.actions.point(place));
    chooser.addEventListener('blur', () => this.actions.point(null));
    row.addEventListener('click', () => this.actions.choose(place));
    this.rows.set(keyOf(place), row);
    return row;
  }

  /** Arrow keys go from row to row. */
  private step(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.shiftKey) return;
    const buttons = [...this.table.querySelectorAll('button')];
    const here = buttons.indexOf(document.activeElement as HTMLButtonElement);
    buttons[here + step]?.focus();
    event.preventDefault();
    event.stopPropagation();
  }

  private focusedKey(): string | null {
    for (const [key, row] of this.rows) if (row.contains(document.activeElement)) return key;
    return null;
  }
}

function keyOf(place: BoxPlace): string {
  return `${place.pane} ${place.box}`;
}
