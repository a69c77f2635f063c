/** Files that were opened, and the studies they make up: the views of one patient, side by side. */

import { stemOf, studyOfPath, VIEWS, type View, viewOfPath } from '../scan/names.ts';
import type { FileReading, ScanReading } from '../worker/protocol.ts';

export interface Entry {
  id: number;
  file: File;
  /** As it was dropped: the folder, where there was one, and the name. */
  path: string;
  state: 'waiting' | 'reading' | 'read' | 'failed' | 'stopped';
  reading: FileReading | null;
  /** Why it was not read. */
  error: string | null;
  /** Why frames of it were not read: they cannot be whole-body bone scans. */
  refusals: string[];
  /** Whether they are to be read all the same. */
  isForced: boolean;
}

export interface Study {
  /** Number of its first file. */
  id: number;
  name: string;
  entries: Entry[];
}

export interface StudyScan {
  entry: Entry;
  reading: ScanReading;
}

/**
 * Return the studies in the order of their first files.
 *
 * A file with one view joins an earlier one with the other view if both are of the same DICOM study, or if their
 * names differ only in the view. Files that could not be read are left out.
 */
export function groupStudies(entries: readonly Entry[]): Study[] {
  const studies: Study[] = [];
  const open = new Map<string, { study: Study; view: View }>();
  for (const entry of entries) {
    if (entry.state === 'failed') continue;
    const view = singleView(entry);
    const key = entry.reading?.studyUid ?? studyOfPath(entry.path);
    const other = view && open.get(key);
    if (other && other.view !== view) {
      other.study.entries.push(entry);
      other.study.name = studyOfPath(entry.path).split('/').at(-1) || other.study.name;
      open.delete(key);
      continue;
    }
    const study = { id: entry.id, name: stemOf(entry.path), entries: [entry] };
    studies.push(study);
    if (view) open.set(key, { study, view });
  }
  return studies;
}

/** The view of a file with one scan, from what was read, else from its name; null for another file. */
function singleView(entry: Entry): View | null {
  if (!entry.reading) return viewOfPath(entry.path);
  const [first, second] = entry.reading.scans;
  return first && !second ? first.view : null;
}

/** Return the scans of a study that were read: anterior, posterior, then those of unknown view. */
export function scansOf(study: Study): StudyScan[] {
  const scans = study.entries.flatMap((entry) => (entry.reading?.scans ?? []).map((reading) => ({ entry, reading })));
  const rank = ({ reading }: StudyScan) => (reading.view ? VIEWS.indexOf(reading.view) : VIEWS.length);
  return scans.sort((first, second) => rank(first) - rank(second));
}
