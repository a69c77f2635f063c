/** Connects the parts of the page: what was opened is read, listed, shown and saved. */

import { BonescanError, reasonOf } from '../error.ts';
import type { OpenedFile } from '../files/drop.ts';
import { ReadingQueue } from '../files/queue.ts';
import type { Entry } from '../files/studies.ts';
import type { Client } from '../worker/client.ts';
import type { LoadedModel, Questions } from '../worker/protocol.ts';
import { describeModel } from './dialogs.ts';
import { listenToKeys, listKeys } from './keyboard.ts';
import { Messages } from './messages.ts';
import { listenForFiles } from './opening.ts';
import { button, byId } from './page.ts';
import { showPageState } from './page-state.ts';
import { Saver, type Scope } from './saver.ts';
import { Selection } from './selection.ts';
import { StudyList } from './study-list.ts';
import { StudyScreen } from './study-screen.ts';
import { Threshold } from './threshold.ts';
import { type Commands, connectTools, shortcutsOf } from './tools.ts';

const MODEL_SUFFIX = /\.onnx$/i;

export class Reader implements Commands {
  private readonly messages = new Messages();
  private readonly selection = new Selection();
  private readonly threshold = new Threshold(() => this.update());
  private readonly list = new StudyList(
    (id) => this.choose(id),
    () => this.queue.forgetFailures(),
    (entry) => this.force(entry),
  );
  private readonly queue: ReadingQueue;
  private readonly screen: StudyScreen;
  private readonly saver: Saver;
  /** How many drops or dialogs are being searched for scans. */
  private opening = 0;
  /** Whether the page will be brought up to date at the next frame. */
  private isDue = false;

  constructor(private readonly client: Client) {
    this.queue = new ReadingQueue(client, (changed) => this.onChange(changed));
    this.screen = new StudyScreen(client, {
      fail: (error) => this.messages.showError(error),
      finish: () => this.showBusy(),
    });
    this.saver = new Saver(this.selection, this.threshold, this.screen.viewer, this.messages);
  }

  /** Listen to buttons, keys and drops. */
  connect(): void {
    const { viewer } = this.screen;
    const shortcuts = shortcutsOf(this, viewer);
    listenToKeys(shortcuts);
    listKeys(shortcuts);
    connectTools(this, viewer);
    button('cancel').addEventListener('click', () => this.cancel());
    listenForFiles((files) => void this.openAll(files));
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

  step(by: number): void {
    const study = this.selection.neighbour(by);
    if (study) this.choose(study.id);
  }

  stepThreshold(by: number): void {
    this.threshold.step(by);
  }

  saveJson(scope: Scope): void {
    this.saver.saveJson(scope);
  }

  savePicture(): void {
    void this.saver.savePicture();
  }

  cancel(): void {
    if (!this.queue.isBusy) return;
    this.queue.cancel();
    this.messages.announce('Reading stopped. Results so far are kept.');
  }

  focusTable(): void {
    this.screen.focusTable();
  }

  private async openAll(files: Promise<OpenedFile[]>): Promise<void> {
    this.opening++;
    this.showBusy();
    try {
      const found = await files;
      if (!found.length) throw new BonescanError('folder: no scans found; give PNG, JPEG or DICOM files');
      this.open(found);
    } catch (error) {
      this.messages.showError(error);
    } finally {
      this.opening--;
      this.showBusy();
    }
  }

  /** Read files; a model among them replaces the one in use first. */
  private open(files: OpenedFile[]): void {
    const models = files.filter(({ path }) => MODEL_SUFFIX.test(path));
    const scans = files.filter(({ path }) => !MODEL_SUFFIX.test(path));
    const last = models.at(-1);
    if (last) void this.replaceModel(last.file);
    if (scans.length) this.selection.chooseNew(this.queue.add(scans));
  }

  /** Read what cannot be a whole-body bone scan, and show it. */
  private force(entry: Entry): void {
    this.queue.force(entry);
    this.screen.forget();
    this.selection.regroup(this.queue.entries);
    this.choose(entry.id);
  }

  private async replaceModel(file: File): Promise<void> {
    try {
      this.useModel(await this.client.ask('model', { file }));
      this.messages.announce(`Scans are now read with ${file.name}.`);
      this.screen.forget();
      this.queue.restart();
    } catch (error) {
      this.messages.showError(error);
    }
  }

  private useModel(model: LoadedModel): void {
    this.saver.useModel(model);
    describeModel(model);
    this.threshold.useModel(model);
  }

  /** Show a study, and read it next if it was not read yet. */
  private choose(id: number): void {
    this.selection.choose(id);
    const { study } = this.selection;
    if (study) this.queue.prefer(study.entries);
    this.list.reveal(id);
    this.update();
  }

  private onChange(changed: Entry | null): void {
    if (changed?.state === 'failed') this.messages.announce(changed.error ?? '');
    if (this.isDue) return;
    this.isDue = true;
    this.showBusy();
    requestAnimationFrame(() => {
      this.isDue = false;
      this.update();
    });
  }

  /** Bring everything on the page up to date. */
  private update(): void {
    const { entries, progress, isBusy } = this.queue;
    const { thresholds } = this.threshold;
    this.selection.regroup(entries);
    const { studies, study } = this.selection;
    this.list.show(studies, study?.id ?? null, thresholds);
    this.list.showFailures(entries);
    showPageState({ entries, progress, isBusy, selection: this.selection });
    void this.screen.show(study, thresholds);
    this.showBusy();
  }

  /** Mark whether the page is still changing, for tests; aria-busy would hide it from screen readers. */
  private showBusy(): void {
    const isBusy = this.isDue || this.opening > 0 || this.screen.isBusy || this.queue.isBusy;
    document.body.dataset.busy = `${isBusy}`;
  }
}
