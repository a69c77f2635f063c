/** The messages between page and worker. */

import type { BoxSite } from '../model/box-sites.ts';
import type { ModelCard } from '../model/card.ts';
import type { View } from '../scan/names.ts';
import type { Doubt } from '../scan/quality.ts';
import type { ShownScan } from '../scan/shown.ts';

/** What is known about one scan of a file once it was read; its pixels are not kept. */
export interface ScanReading {
  frame: number;
  frameCount: number;
  view: View | null;
  width: number;
  height: number;
  pixelSpacingMm: [number, number] | null;
  inverted: boolean;
  turned: 0 | 90 | 180 | 270;
  lossy: boolean;
  compressionRatio: number | null;
  notes: string[];
  /** What makes it doubtful that this is a whole-body bone scan, worst first. */
  doubts: Doubt[];
  /** (n x 6): x1 y1 x2 y2 in pixels of the scan, confidence, class; best first. */
  boxes: Float32Array<ArrayBuffer>;
  /** Where each of the boxes is, null for one over no bone; null if the model gives no sites. */
  sites: (BoxSite | null)[] | null;
  /** Highest confidence of any abnormal box, shown or not. */
  abnormalConfidence: number;
}

export interface FileReading {
  sha256: string;
  studyUid: string | null;
  scans: ScanReading[];
  /** Why frames were not read: they cannot be whole-body bone scans. */
  refusals: string[];
}

export interface LoadedModel {
  /** File name. */
  file: string;
  sha256: string;
  card: ModelCard;
  /** Boxes come out from this confidence on. */
  floor: number;
}

/** Each question and its answer. */
export interface Questions {
  /** Unpack runtime and built-in model, both base64 of gzip. */
  start: { question: { wasm: string; model: string; modelFile: string }; answer: LoadedModel };
  /** Replace the model. */
  model: { question: { file: File }; answer: LoadedModel };
  /** Find boxes on every scan of a file; with `isForced` also on what cannot be a whole-body bone scan. */
  read: { question: { file: File; path: string; isForced: boolean }; answer: FileReading };
  /** Give the pixels of every scan of a file. */
  show: { question: { file: File; path: string }; answer: ShownScan[] };
}

export type Kind = keyof Questions;

export type Request = { [K in Kind]: { id: number; kind: K } & Questions[K]['question'] }[Kind];

export type Reply =
  | { id: number; answer: Questions[Kind]['answer'] }
  /** `isMistake`: the user can fix it; otherwise it is a bug of the page. */
  | { id: number; error: string; isMistake: boolean };
