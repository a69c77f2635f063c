/** Saves readings as JSON and the study on the screen as a picture; both go to the browser's downloads. */

import { download, jsonOf } from '../files/save.ts';
import { scansOf } from '../files/studies.ts';
import type { LoadedModel } from '../worker/protocol.ts';
import type { Messages } from './messages.ts';
import { pictureOf } from './picture.ts';
import type { Selection } from './selection.ts';
import type { Threshold } from './threshold.ts';
import type { Viewer } from './viewer.ts';

/** Name of the file with the readings of all scans, without suffix. */
const ALL_READINGS = 'readings';

/** What is saved: the study on the screen, or every scan that was read. */
export type Scope = 'shown' | 'all';

export class Saver {
  private model: LoadedModel | null = null;

  constructor(
    private readonly selection: Selection,
    private readonly threshold: Threshold,
    private readonly viewer: Viewer,
    private readonly messages: Messages,
  ) {}

  /** Describe this model in what is saved from now on. */
  useModel(model: LoadedModel): void {
    this.model = model;
  }

  /** Save one scan as a JSON file, several as JSON lines. Do nothing if no scan was read. */
  saveJson(scope: Scope): void {
    const { study, studies } = this.selection;
    const chosen = study ? [study] : [];
    const scans = (scope === 'all' ? studies : chosen).flatMap(scansOf);
    if (!this.model || !scans.length) return;
    const stem = scope === 'all' ? ALL_READINGS : study?.name;
    const name = `${stem}.${scans.length === 1 ? 'json' : 'jsonl'}`;
    const text = jsonOf(scans, this.model, this.threshold.thresholds);
    download(new Blob([text], { type: 'application/json' }), name);
    this.messages.announce(`Saved ${name}.`);
  }

  /** Save the views on the screen as one PNG. Do nothing if there are none. */
  async savePicture(): Promise<void> {
    const { study } = this.selection;
    const parts = this.viewer.scans;
    if (!this.model || !study || !parts.length) return;
    const name = `${study.name}.png`;
    download(await pictureOf(parts, this.viewer.display, this.model.card.notice), name);
    this.messages.announce(`Saved ${name}.`);
  }
}
