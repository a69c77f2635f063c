/** What the page does: opens files, shows studies, and keeps list, scans and table in step. */

import { BonescanError, reasonOf } from '../error.ts';
import { filesOfDrop, filesOfInput, type OpenedFile } from '../files/drop.ts';
import { ReadingQueue } from '../files/queue.ts';
import { download, jsonOf } from '../files/save.ts';
import { type Entry, groupStudies, type Study, scansOf } from '../files/studies.ts';
import { boxesOf } from '../model/boxes.ts';
import type { ShownScan } from '../scan/shown.ts';
import type { Client } from '../worker/client.ts';
import type { LoadedModel, Questions } from '../worker/protocol.ts';
import { describeModel } from './dialogs.ts';
import { clamp } from './display.ts';
import { listenToKeys, listKeys } from './keyboard.ts';
import { button, byId } from './page.ts';
import { pictureOf } from './picture.ts';
import { StudyList } from './study-list.ts';
import { Table } from './table.ts';
import { connectTools, shortcutsOf } from './tools.ts';
import { type BoxPlace, Viewer } from './viewer.ts';

const MODEL_SUFFIX = /\.onnx$/i;

/** How long a message stays. */
const MESSAGE_MS = 12_000;

export class Reader {
  readonly viewer = new Viewer((place) => this.light(place));
  readonly table = new Table({ point: (place) => this.light(place), choose: (place) => this.viewer.goTo(place) });
  private readonly list = new StudyList(
    (id) => this.choose(id),
    () => this.queue.forgetFailures(),
  );
  private readonly queue: ReadingQueue;
  private readonly threshold = byId('threshold', HTMLInputElement);
  /** The threshold; the slider shows it to the next step only. */
  private confidence = 0;
  private model: LoadedModel | null = null;
  private studies: Study[] = [];
  private chosen: number | null = null;
  /** What is on the screen: the study's number and which of its files were read. */
  private onScreen = '';
  private isDue = false;
  /** How many studies are being brought on the screen. */
  private shows = 0;
  /** How many drops are being looked through. */
  private opening = 0;
  private messageTimer = 0;

  constructor(private readonly client: Client) {
    this.queue = new ReadingQueue(client, (changed) => this.onChange(changed));
  }

  /** Listen to buttons, keys and drops. */
  connect(): void {
    const shortcuts = shortcutsOf(this);
    listenToKeys(shortcuts);
    listKeys(shortcuts);
    connectTools(this);
    this.threshold.addEventListener('input', () => this.setThreshold(this.threshold.valueAsNumber));
    button('model-threshold').addEventListener('click', () => this.setThreshold(this.model?.card.confidence ?? 0));
    button('cancel').addEventListener('click', () => this.cancel());
    for (const id of ['file-input', 'folder-input', 'model-input']) {
      const input = byId(id, HTMLInputElement);
      input.addEventListener('change', () => {
        void this.openAll(filesOfInput(input));
        input.value = ''; // the same file may be opened again
      });
    }
    const hint = byId('drop-hint', HTMLElement);
    document.addEventListener('dragover', (event) => {
      event.preventDefault();
      hint.hidden = false;
    });
    document.addEventListener('dragleave', (event) => {
      if (!event.relatedTarget) hint.hidden = true;
    });
    document.addEventListener('drop', (event) => {
      event.preventDefault();
      hint.hidden = true;
      if (event.dataTransfer) void this.openAll(filesOfDrop(event.dataTransfer));
    });
  }

  /** Load runtime and built-in model. */
  async start(packed: Questions['start']['question']): Promise<void> {
    const line = byId('starting', HTMLElement);
    try {
      this.useModel(await this.client.ask('start', packed));
      line.textContent = 'Ready.';
    } catch (error) {
      line.textContent = `This browser cannot run the model (${reasonOf(error)}); a current Chrome, Edge, Firefox or Safari can.`;
    }
  }

  private async openAll(files: Promise<OpenedFile[]>): Promise<void> {
    this.opening++;
    this.tellBusy();
    try {
      const found = await files;
      if (!found.length) throw new BonescanError('folder: holds no scans; give PNG, JPEG or DICOM files');
      this.open(found);
    } catch (error) {
      this.complain(error);
    } finally {
      this.opening--;
      this.tellBusy();
    }
  }

  /** Read files; a model among them replaces the one in use first. */
  open(files: OpenedFile[]): void {
    const models = files.filter(({ path }) => MODEL_SUFFIX.test(path));
    const scans = files.filter(({ path }) => !MODEL_SUFFIX.test(path));
    const last = models.at(-1);
    if (last) void this.replaceModel(last.file);
    if (!scans.length) return;
    const added = this.queue.add(scans);
    if (!this.studies.some((study) => study.id === this.chosen)) this.chosen = added[0]?.id ?? null;
  }

  /** Show a study. */
  choose(id: number): void {
    this.chosen = id;
    const study = this.studies.find((other) => other.id === id);
    if (study) this.queue.prefer(study.entries);
    this.list.reveal(id);
    this.update();
  }

  /** Show the study so many places further. */
  step(by: number): void {
    const here = this.studies.findIndex((study) => study.id === this.chosen);
    const study = this.studies[here + by];
    if (study) this.choose(study.id);
  }

  cancel(): void {
    if (!this.queue.isBusy) return;
    this.queue.cancel();
    this.announce('Reading stopped; what was read is kept.');
  }

  /** Show boxes of more than a confidence. */
  setThreshold(confidence: number): void {
    const least = Number(this.threshold.min);
    this.confidence = Number(clamp(confidence, least, Number(this.threshold.max)).toFixed(4)); // no 0.30000000000000004
    this.threshold.valueAsNumber = this.confidence;
    this.update();
  }

  stepThreshold(by: number): void {
    this.setThreshold(this.confidence + by * Number(this.threshold.step));
  }

  /** Save what is on the screen, or all, as JSON. */
  saveJson(scope: 'shown' | 'all'): void {
    const study = this.study();
    const scans = scope === 'all' ? this.studies.flatMap(scansOf) : study ? scansOf(study) : [];
    if (!this.model || !scans.length) return;
    const suffix = scans.length === 1 ? 'json' : 'jsonl';
    const name = scope === 'all' ? `readings.${suffix}` : `${study?.name}.${suffix}`;
    download(new Blob([jsonOf(scans, this.model, this.confidence)], { type: 'application/json' }), name);
    this.announce(`Saved ${name}.`);
  }

  async savePicture(): Promise<void> {
    const study = this.study();
    const parts = this.viewer.scans;
    if (!this.model || !study || !parts.length) return;
    download(await pictureOf(parts, this.viewer.display, this.model.card.notice), `${study.name}.png`);
    this.announce(`Saved ${study.name}.png.`);
  }

  private study(): Study | undefined {
    return this.studies.find((study) => study.entries.some((entry) => entry.id === this.chosen));
  }

  private async replaceModel(file: File): Promise<void> {
    try {
      this.useModel(await this.client.ask('model', { file }));
      this.announce(`${file.name} reads from now on.`);
      this.onScreen = '';
      this.queue.restart();
    } catch (error) {
      this.complain(error);
    }
  }

  private useModel(model: LoadedModel): void {
    this.model = model;
    describeModel(model);
    this.threshold.min = `${model.floor}`;
    this.setThreshold(model.card.confidence);
  }

  private onChange(changed: Entry | null): void {
    if (changed?.state === 'failed') this.announce(changed.error ?? '');
    if (this.isDue) return;
    this.isDue = true;
    this.tellBusy();
    requestAnimationFrame(() => {
      this.isDue = false;
      this.update();
    });
  }

  /** Bring everything on the page up to date. */
  private update(): void {
    const { entries, progress, isBusy } = this.queue;
    this.studies = groupStudies(entries);
    const study = this.study() ?? this.studies[0];
    this.chosen = study?.id ?? null;
    this.list.show(this.studies, this.chosen, this.confidence);
    this.list.showFailures(entries);
    byId('threshold-value', HTMLElement).textContent = this.confidence.toFixed(2);
    byId('studies', HTMLElement).hidden = !entries.length;
    byId('side', HTMLElement).hidden = !study;
    byId('empty', HTMLElement).hidden = Boolean(study);
    byId('progress', HTMLElement).hidden = !isBusy;
    byId('progress-bar', HTMLProgressElement).max = Math.max(1, progress.total);
    byId('progress-bar', HTMLProgressElement).value = progress.done;
    byId('progress-text', HTMLElement).textContent = `${progress.done} of ${progress.total} read`;
    const here = this.studies.findIndex((other) => other.id === this.chosen);
    button('previous').disabled = here <= 0;
    button('next').disabled = here < 0 || here >= this.studies.length - 1;
    for (const id of ['save-json', 'save-picture']) button(id).disabled = !study || !scansOf(study).length;
    button('save-all').disabled = !entries.some((entry) => entry.reading);
    void this.show(study);
    this.tellBusy();
  }

  /** Bring a study on the screen, or its boxes up to date where it is there already. */
  private async show(study: Study | undefined): Promise<void> {
    const read = study?.entries.filter((entry) => entry.reading) ?? [];
    const wanted = study ? `${study.id}: ${read.map((entry) => entry.id)}` : '';
    const waiting = byId('waiting', HTMLElement);
    if (wanted === this.onScreen) return this.refresh();
    this.onScreen = wanted;
    this.shows++;
    waiting.hidden = !study || read.length > 0;
    waiting.textContent = study?.entries.some((entry) => entry.state === 'stopped') ? 'Not read' : 'Reading…';
    try {
      const shown = new Map<Entry, ShownScan[]>();
      for (const entry of read) shown.set(entry, await this.client.ask('show', { file: entry.file, path: entry.path }));
      if (this.onScreen !== wanted) return; // another study was chosen meanwhile
      const scans = study && read.length ? scansOf(study) : [];
      this.viewer.show(
        scans.flatMap((scan) => {
          const pixels = shown.get(scan.entry)?.[scan.reading.frame];
          return pixels ? { scan, shown: pixels } : [];
        }),
      );
      this.refresh();
    } catch (error) {
      if (this.onScreen === wanted) this.viewer.show([]);
      this.complain(error);
    } finally {
      this.shows--;
      this.tellBusy();
    }
  }

  /** Say whether the page is still changing, for whoever waits; not by aria-busy, which would hide it from readers. */
  private tellBusy(): void {
    const isBusy = this.isDue || this.shows + this.opening > 0 || this.queue.isBusy;
    document.body.dataset.busy = `${isBusy}`;
  }

  private refresh(): void {
    const parts = this.viewer.scans.map(({ scan }) => ({ scan, boxes: boxesOf(scan.reading, this.confidence) }));
    this.viewer.setBoxes(parts.map(({ boxes }) => boxes));
    this.table.show(parts);
  }

  private light(place: BoxPlace | null): void {
    this.viewer.light(place);
    this.table.light(place);
  }

  private complain(error: unknown): void {
    const text = error instanceof BonescanError ? error.message : `internal error: ${reasonOf(error)}`;
    const message = byId('message', HTMLElement);
    message.textContent = text;
    message.hidden = false;
    clearTimeout(this.messageTimer);
    this.messageTimer = window.setTimeout(() => {
      message.hidden = true;
    }, MESSAGE_MS);
  }

  private announce(text: string): void {
    byId('status', HTMLElement).textContent = text;
  }
}
