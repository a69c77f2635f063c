/**
 * The ONNX file as protocol buffers: its description, and its thresholds.
 *
 * onnxruntime-web hands out no metadata and cannot replace an initializer, so both are read from the bytes, and the
 * thresholds are written there. Field numbers are those of onnx.proto3.
 */

import { PbfReader } from 'pbf';
import { BonescanError } from '../error.ts';
import { CLASS_NAMES, type ModelCard, readModelCard } from './card.ts';
import { lowestNeeded } from './operating-points.ts';

const MODEL = { graph: 7, metadata: 14 } as const;
const ENTRY = { key: 1, value: 2 } as const;
const GRAPH = { initializer: 5, input: 11, output: 12 } as const;
const TENSOR = { floats: 4, name: 8, raw: 9 } as const;
const VALUE = { name: 1 } as const;

const INPUT = 'scan';
export const BOXES_OUTPUT = 'boxes';
export const ABNORMAL_OUTPUT = 'scan_abnormal_confidence';
export const REGIONS_OUTPUT = 'regions';
const CONFIDENCE = 'confidence';

/** The initializer, a bool, that switches the output `regions` on; a file without a map of bones has none. */
const WITH_REGIONS = 'with_regions';

/** Of the thresholds: a float per class. */
const CONFIDENCE_BYTES = CLASS_NAMES.length * Float32Array.BYTES_PER_ELEMENT;
const BOOL_BYTES = 1;

/** What was found in a file. */
interface FileContent {
  metadata: Map<string, string>;
  inputs: string[];
  outputs: string[];
  /** Offset in the file of the floats called `confidence`; 0 if the file has none. */
  confidenceOffset: number;
  /** Offset in the file of the byte of the bool called `with_regions`; 0 if the file has none. */
  regionsOffset: number;
}

export interface ModelFile {
  card: ModelCard;
  /** The file with its thresholds lowered to `floor` and its map of bones, if it has one, switched on. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Boxes come out from this confidence on. */
  floor: number;
}

/**
 * Read a model file, and lower its thresholds so that the page can choose among more boxes than it shows.
 *
 * The boxes above higher thresholds are the same as if the model had been run with them: suppression goes from the best
 * box down, so weaker boxes change nothing above them.
 */
export function readModelFile(bytes: Uint8Array<ArrayBuffer>, name: string, floor: number): ModelFile {
  const found = look(bytes, name);
  const card = readModelCard(found.metadata, name);
  const isSound = found.inputs.join() === INPUT && found.confidenceOffset > 0;
  if (!isSound || ![BOXES_OUTPUT, ABNORMAL_OUTPUT].every((name) => found.outputs.includes(name))) {
    throw new BonescanError(`${name}: its network does not match its description; export the model again`);
  }
  const lowered = bytes.slice();
  if (found.regionsOffset) lowered[found.regionsOffset] = 1;
  const view = new DataView(lowered.buffer, found.confidenceOffset, CONFIDENCE_BYTES);
  const offsets = CLASS_NAMES.map((_, index) => index * Float32Array.BYTES_PER_ELEMENT);
  const stored = offsets.map((offset) => view.getFloat32(offset, true));
  const lowest = Math.min(floor, ...stored, lowestNeeded(card.points));
  for (const offset of offsets) view.setFloat32(offset, lowest, true);
  return { card, bytes: lowered, floor: lowest };
}

function look(bytes: Uint8Array<ArrayBuffer>, name: string): FileContent {
  const found: FileContent = { metadata: new Map(), inputs: [], outputs: [], confidenceOffset: 0, regionsOffset: 0 };
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
    const tensor = reader.readMessage(readTensor, { name: '', offset: 0, length: 0 });
    if (tensor.name === CONFIDENCE && tensor.length === CONFIDENCE_BYTES) found.confidenceOffset = tensor.offset;
    if (tensor.name === WITH_REGIONS && tensor.length === BOOL_BYTES) found.regionsOffset = tensor.offset;
  }
  if (tag === GRAPH.input) found.inputs.push(reader.readMessage(readName, { name: '' }).name);
  if (tag === GRAPH.output) found.outputs.push(reader.readMessage(readName, { name: '' }).name);
}

function readName(tag: number, value: { name: string }, reader: PbfReader): void {
  if (tag === VALUE.name) value.name = reader.readString();
}

/** Note where a tensor's numbers are, raw or packed floats: both are bytes behind a length. */
function readTensor(tag: number, tensor: { name: string; offset: number; length: number }, reader: PbfReader): void {
  if (tag === TENSOR.name) tensor.name = reader.readString();
  if (tag === TENSOR.raw || tag === TENSOR.floats) {
    tensor.length = reader.readBytes().length;
    tensor.offset = reader.pos - tensor.length;
  }
}
