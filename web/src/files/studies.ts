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
 * names differ only in the view. Where a DICOM study has several such pairs, names decide first. Files that could not
 * be read are left out.
 */
export function groupStudies(entries: readonly Entry[]): Study[] {
  const kept = entries.filter((entry) => entry.state !== 'failed');
  const partners = new Map<Entry, Entry>();
  const dicomStudy = (entry: Entry) => entry.reading?.studyUid ?? null;
  pairBy(kept, partners, (entry) => `${dicomStudy(entry) ?? ''} ${studyOfPath(entry.path)}`);
  pairBy(kept, partners, dicomStudy);
  return kept.flatMap((entry) => {
    const other = partners.get(entry);
    if (!other) return [{ id: entry.id, name: stemOf(entry.path), entries: [entry] }];
    if (other.id < entry.id) return [];
    const name = studyOfPath(other.path).split('/').at(-1) || stemOf(entry.path);
    return [{ id: entry.id, name, entries: [entry, other] }];
  });
}

/** Make partners of files of one key that have one view each and not the same; a file without a key gets none. */
function pairBy(entries: readonly Entry[], partners: Map<Entry, Entry>, keyOf: (entry: Entry) => string | null): void {
  const open = new Map<string, { entry: Entry; view: View }>();
  for (const entry of entries) {
    const [key, view] = [keyOf(entry), singleView(entry)];
    if (key === null || !view || partners.has(entry)) continue;
    const other = open.get(key);
    if (other && other.view !== view) {
      partners.set(entry, other.entry);
      partners.set(other.entry, entry);
      open.delete(key);
    } else {
      open.set(key, { entry, view });
    }
  }
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
