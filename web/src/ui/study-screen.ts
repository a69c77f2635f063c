/** The study on the screen: its views side by side, and the table of their hot spots. */

import { type Entry, type Study, scansOf } from '../files/studies.ts';
import { boxesOf } from '../model/boxes.ts';
import type { Thresholds } from '../model/thresholds.ts';
import type { ShownScan } from '../scan/shown.ts';
import type { Client } from '../worker/client.ts';
import { byId } from './page.ts';
import { Table } from './table.ts';
import { type BoxPlace, Viewer } from './viewer.ts';

export interface ScreenEvents {
  /** Pixels of a study could not be read again. */
  fail(error: unknown): void;
  /** A study is on the screen, or cannot be shown. */
  finish(): void;
}

export class StudyScreen {
  readonly viewer = new Viewer((place) => this.light(place));
  private readonly table = new Table({
    point: (place) => this.light(place),
    choose: (place) => this.viewer.goTo(place),
  });
  private readonly waiting = byId('waiting', HTMLElement);
  /** The study on the screen and which of its files were read. */
  private content = '';
  /** How many studies are being brought on the screen. */
  private pending = 0;
  private thresholds: Thresholds = { abnormal: 0, normal: 0 };

  constructor(
    private readonly client: Client,
    private readonly events: ScreenEvents,
  ) {}

  /** Whether pixels are still being read. */
  get isBusy(): boolean {
    return this.pending > 0;
  }

  /** Show a study with its boxes above thresholds; if it is on the screen already, update only the boxes. */
  async show(study: Study | undefined, thresholds: Thresholds): Promise<void> {
    this.thresholds = thresholds;
    const read = study?.entries.filter((entry) => entry.reading) ?? [];
    const wanted = study ? `${study.id}: ${read.map((entry) => entry.id)}` : '';
    if (wanted === this.content) return this.showBoxes();
    this.content = wanted;
    this.waiting.hidden = !study || read.length > 0;
    this.waiting.textContent = study?.entries.some((entry) => entry.state === 'stopped') ? 'Not read' : 'Reading…';
    this.pending++;
    try {
      const pixels = await this.pixelsOf(read);
      if (this.content !== wanted) return; // another study was chosen meanwhile
      this.showScans(study, pixels);
    } catch (error) {
      if (this.content === wanted) this.viewer.show([]);
      this.events.fail(error);
    } finally {
      this.pending--;
      this.events.finish();
    }
  }

  /** Show the next study from its pixels on, even if it is on the screen already. */
  forget(): void {
    this.content = '';
  }

  /** Put the keyboard into the table. */
  focusTable(): void {
    this.table.focus();
  }

  /** Return the pixels of every scan of these files. */
  private async pixelsOf(entries: readonly Entry[]): Promise<Map<Entry, ShownScan[]>> {
    const pixels = new Map<Entry, ShownScan[]>();
    for (const entry of entries) {
      pixels.set(entry, await this.client.ask('show', { file: entry.file, path: entry.path }));
    }
    return pixels;
  }

  private showScans(study: Study | undefined, pixels: ReadonlyMap<Entry, ShownScan[]>): void {
    const scans = study && pixels.size ? scansOf(study) : [];
    this.viewer.show(
      scans.flatMap((scan) => {
        const shown = pixels.get(scan.entry)?.[scan.reading.frame];
        return shown ? { scan, shown } : [];
      }),
    );
    this.showBoxes();
  }

  private showBoxes(): void {
    const parts = this.viewer.scans.map(({ scan }) => ({ scan, boxes: boxesOf(scan.reading, this.thresholds) }));
    this.viewer.setBoxes(parts.map(({ boxes }) => boxes));
    this.table.show(parts);
  }

  /** Highlight a box on its scan and in the table. */
  private light(place: BoxPlace | null): void {
    this.viewer.light(place);
    this.table.light(place);
  }
}
