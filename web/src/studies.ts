/** Files that were opened, and the studies they make up: the views of one patient, side by side. */

import { BOX_COLUMNS } from './model/boxes.ts';
import { CLASS_NAMES, type ClassName } from './model/card.ts';
import type { FileReading, ScanReading } from './protocol.ts';
import { stemOf, studyOfPath, VIEWS, type View, viewOfPath } from './scan/view.ts';

/** Most boxes shown on a scan; as in `bonescan_yolo/detector.py`. */
const MAX_DETECTIONS = 300;

export interface Entry {
  id: number;
  file: File;
  /** As it was dropped: the folder, where there was one, and the name. */
  path: string;
  state: 'waiting' | 'reading' | 'read' | 'failed' | 'stopped';
  reading: FileReading | null;
  /** Why it was not read. */
  error: string | null;
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

export interface Box {
  className: ClassName;
  confidence: number;
  /** Edges in pixels of the scan. */
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  /** Width and height in millimetres, null where the pixel spacing is unknown. */
  sizeMm: [number, number] | null;
}

/**
 * Return the studies in the order of their first files.
 *
 * A file with one view joins an earlier one with the other view if both are of the same DICOM study, or have the same
 * name but for the view. Files that could not be read belong to none.
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

/** Return the boxes of a scan above a confidence, best first. */
export function boxesOf(reading: ScanReading, confidence: number): Box[] {
  const least = Math.fround(confidence); // the model's own comparison is in float32
  const boxes: Box[] = [];
  for (let row = 0; row < reading.boxes.length && boxes.length < MAX_DETECTIONS; row += BOX_COLUMNS) {
    const [x1, y1, x2, y2, score, classId] = reading.boxes.subarray(row, row + BOX_COLUMNS) as unknown as number[];
    const className = CLASS_NAMES[classId as number];
    if (!className || !((score as number) > least)) continue;
    const edges = { x1: x1 as number, y1: y1 as number, x2: x2 as number, y2: y2 as number };
    boxes.push({ className, confidence: score as number, ...edges, sizeMm: sizeOf(edges, reading.pixelSpacingMm) });
  }
  return boxes;
}

/** Return how many boxes are of each class. */
export function countByClass(boxes: readonly Box[]): Record<ClassName, number> {
  const abnormal = boxes.filter((box) => box.className === 'abnormal').length;
  return { abnormal, normal: boxes.length - abnormal };
}

function sizeOf(
  edges: { x1: number; y1: number; x2: number; y2: number },
  spacing: [number, number] | null,
): [number, number] | null {
  return spacing && [(edges.x2 - edges.x1) * spacing[1], (edges.y2 - edges.y1) * spacing[0]];
}
