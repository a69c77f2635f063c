/**
 * The ONNX file as protocol buffers: its description, and its threshold.
 *
 * onnxruntime-web hands out no metadata and cannot feed an initializer that may be overridden, so both are read from
 * the bytes, and the threshold is written there. Field numbers are those of onnx.proto3.
 */

import { PbfReader } from 'pbf';
import { BonescanError } from '../error.ts';
import { type ModelCard, readModelCard } from './card.ts';
import { lowestNeeded } from './operating-points.ts';
import { lowestOf } from './thresholds.ts';

const MODEL = { graph: 7, metadata: 14 } as const;
const ENTRY = { key: 1, value: 2 } as const;
const GRAPH = { initializer: 5, input: 11, output: 12 } as const;
const TENSOR = { floats: 4, name: 8, raw: 9 } as const;
const VALUE = { name: 1 } as const;

const INPUT = 'scan';
export const BOXES_OUTPUT = 'boxes';
export const ABNORMAL_OUTPUT = 'scan_abnormal_confidence';
const CONFIDENCE = 'confidence';

/** In the file, the least number that is a threshold; below it, each class has that of the description. */
const LEAST_THRESHOLD = 0;

/** What was found in a file. */
interface FileContent {
  metadata: Map<string, string>;
  inputs: string[];
  outputs: string[];
  /** Offset in the file of the four bytes of the float called `confidence`; 0 if the file has none. */
  confidenceOffset: number;
}

export interface ModelFile {
  card: ModelCard;
  /** The file with its threshold lowered to `floor`. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Boxes come out from this confidence on. */
  floor: number;
}

/**
 * Read a model file, and lower its threshold so that the page can choose among more boxes than it shows.
 *
 * The boxes above a higher threshold are the same as if the model had been run with it: suppression goes from the best
 * box down, so weaker boxes change nothing above them.
 */
export function readModelFile(bytes: Uint8Array<ArrayBuffer>, name: string, floor: number): ModelFile {
  const found = look(bytes, name);
  const card = readModelCard(found.metadata, name);
  if (!found.inputs.includes(INPUT) || ![BOXES_OUTPUT, ABNORMAL_OUTPUT].every((name) => found.outputs.includes(name))) {
    throw new BonescanError(`${name}: its network does not match its description; export the model again`);
  }
  const lowered = bytes.slice();
  const view = new DataView(lowered.buffer);
  if (!found.confidenceOffset) return { card, bytes: lowered, floor: lowestOf(card.thresholds) };
  const stored = view.getFloat32(found.confidenceOffset, true);
  const own = stored < LEAST_THRESHOLD ? lowestOf(card.thresholds) : stored;
  const least = Math.min(floor, own, lowestNeeded(card.points));
  view.setFloat32(found.confidenceOffset, least, true);
  return { card, bytes: lowered, floor: least };
}

function look(bytes: Uint8Array<ArrayBuffer>, name: string): FileContent {
  const found: FileContent = { metadata: new Map(), inputs: [], outputs: [], confidenceOffset: 0 };
  try {
    new PbfReader(bytes).readFields(readModel, found);
  } catch {
    throw new BonescanError(`${name}: is not an ONNX model, or is damaged; copy it again from its source`);
  }
  if (!found.outputs.length) {
    throw new BonescanError(`${name}: is not an ONNX model; give a file such as bonescan-app-int8.onnx`);
  }
  return found;
}

function readModel(tag: number, found: FileContent, reader: PbfReader): void {
  if (tag === MODEL.graph) reader.readMessage(readGraph, found);
  if (tag === MODEL.metadata) {
    const entry = reader.readMessage(readEntry, { key: '', value: '' });
    found.metadata.set(entry.key, entry.value);
  }
}

function readEntry(tag: number, entry: { key: string; value: string }, reader: PbfReader): void {
  if (tag === ENTRY.key) entry.key = reader.readString();
  if (tag === ENTRY.value) entry.value = reader.readString();
}

function readGraph(tag: number, found: FileContent, reader: PbfReader): void {
  if (tag === GRAPH.initializer) {
    const tensor = reader.readMessage(readTensor, { name: '', offset: 0 });
    if (tensor.name === CONFIDENCE) found.confidenceOffset = tensor.offset;
  }
  if (tag === GRAPH.input) found.inputs.push(reader.readMessage(readName, { name: '' }).name);
  if (tag === GRAPH.output) found.outputs.push(reader.readMessage(readName, { name: '' }).name);
}

function readName(tag: number, value: { name: string }, reader: PbfReader): void {
  if (tag === VALUE.name) value.name = reader.readString();
}

/** Note the offset of a tensor's single float, raw or packed: both are four bytes behind a length. */
function readTensor(tag: number, tensor: { name: string; offset: number }, reader: PbfReader): void {
  if (tag === TENSOR.name) tensor.name = reader.readString();
  if (tag === TENSOR.raw || tag === TENSOR.floats) {
    const content = reader.readBytes();
    if (content.length === Float32Array.BYTES_PER_ELEMENT) tensor.offset = reader.pos - content.length;
  }
}
