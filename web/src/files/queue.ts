/** Reads files one after another; of each only the result is kept, so that memory does not grow with their number. */

import { BonescanError, reasonOf } from '../error.ts';
import type { Client } from '../worker/client.ts';
import type { Entry } from './studies.ts';

/** How many of the files opened last were read. */
export interface Progress {
  done: number;
  total: number;
}

export class ReadingQueue {
  readonly entries: Entry[] = [];
  private batch: Progress = { done: 0, total: 0 };
  private lastId = 0;
  private isRunning = false;

  constructor(
    private readonly client: Client,
    /** Called whenever an entry has changed. */
    private readonly onChange: (changed: Entry | null) => void,
  ) {}

  get progress(): Progress {
    return this.batch;
  }

  get isBusy(): boolean {
    return this.isRunning;
  }

  /** Add files in the given order, and read them. */
  add(files: readonly { file: File; path: string }[]): Entry[] {
    const added = files.map(({ file, path }): Entry => {
      return {
        id: ++this.lastId,
        file,
        path,
        state: 'waiting',
        reading: null,
        error: null,
        refusals: [],
        isForced: false,
      };
    });
    this.entries.push(...added);
    this.start(added.length);
    return added;
  }

  /** Read these next, also where reading was stopped before. */
  prefer(entries: readonly Entry[]): void {
    const stopped = entries.filter((entry) => entry.state === 'stopped');
    for (const entry of stopped) entry.state = 'waiting';
    this.preferred = entries;
    if (stopped.length) this.start(stopped.length);
  }

  /** Read a file with frames that were refused again, with all of them. */
  force(entry: Entry): void {
    Object.assign(entry, { state: 'waiting', reading: null, error: null, refusals: [], isForced: true });
    this.start(1);
  }

  private preferred: readonly Entry[] = [];

  /** Stop after the file that is being read. */
  cancel(): void {
    for (const entry of this.entries) if (entry.state === 'waiting') entry.state = 'stopped';
    this.onChange(null);
  }

  /** Read everything again, as after a change of model. */
  restart(): void {
    const again = this.entries.filter((entry) => entry.state !== 'failed' && entry.state !== 'stopped');
    for (const entry of again) if (entry.state === 'read') Object.assign(entry, { state: 'waiting', reading: null });
    this.batch = { done: 0, total: 0 };
    this.start(again.length);
  }

  /** Forget the messages of files that were not read. */
  forgetFailures(): void {
    const kept = this.entries.filter((entry) => entry.state !== 'failed');
    for (const entry of kept) entry.refusals = [];
    this.entries.splice(0, this.entries.length, ...kept);
    this.onChange(null);
  }

  private start(count: number): void {
    this.batch = { done: this.batch.done, total: this.batch.total + count };
    if (!this.isRunning && count) void this.run();
    this.onChange(null);
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    for (let entry = this.next(); entry; entry = this.next()) {
      entry.state = 'reading';
      this.onChange(entry);
      await this.read(entry);
      this.batch = { ...this.batch, done: this.batch.done + 1 };
      this.onChange(entry);
    }
    this.isRunning = false;
    this.batch = { done: 0, total: 0 };
    this.onChange(null);
  }

  private next(): Entry | undefined {
    const isWaiting = (entry: Entry) => entry.state === 'waiting';
    return this.preferred.find(isWaiting) ?? this.entries.find(isWaiting);
  }

  private async read(entry: Entry): Promise<void> {
    try {
      const { file, path, isForced } = entry;
      const reading = await this.client.ask('read', { file, path, isForced });
      entry.refusals = reading.refusals;
      if (!reading.scans.length) throw new BonescanError(reading.refusals.join('; '));
      entry.reading = reading;
      entry.state = 'read';
    } catch (error) {
      entry.state = 'failed';
      entry.error =
        error instanceof BonescanError ? error.message : `${entry.path}: internal error: ${reasonOf(error)}`;
    }
  }
}
