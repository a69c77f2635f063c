/** Which parts of the page are visible and which buttons are enabled. */

import type { Progress } from '../files/queue.ts';
import { type Entry, scansOf } from '../files/studies.ts';
import { button, byId } from './page.ts';
import type { Selection } from './selection.ts';

/** What visibility depends on. */
export interface PageState {
  /** All files that were opened. */
  entries: readonly Entry[];
  /** How many of the files last opened were read. */
  progress: Progress;
  /** Whether files are being read. */
  isBusy: boolean;
  selection: Selection;
}

/** Bring progress, visibility and buttons up to date. */
export function showPageState({ entries, progress, isBusy, selection }: PageState): void {
  const { study } = selection;
  byId('studies', HTMLElement).hidden = !entries.length;
  byId('side', HTMLElement).hidden = !study;
  byId('empty', HTMLElement).hidden = Boolean(study);
  byId('progress', HTMLElement).hidden = !isBusy;
  byId('progress-bar', HTMLProgressElement).max = Math.max(1, progress.total);
  byId('progress-bar', HTMLProgressElement).value = progress.done;
  byId('progress-text', HTMLElement).textContent = `${progress.done} of ${progress.total} read`;
  button('previous').disabled = !selection.neighbour(-1);
  button('next').disabled = !selection.neighbour(1);
  for (const id of ['save-json', 'save-picture']) button(id).disabled = !study || !scansOf(study).length;
  button('save-all').disabled = !entries.some((entry) => entry.reading);
}
