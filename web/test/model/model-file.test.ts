import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PbfWriter } from 'pbf';
import { readModelFile } from '../../src/model/file.ts';
import { FIELDS } from './card-fields.ts';

const CARD = { ...FIELDS, schema: 5, confidence: 0.3 };

const TWO_CARD = { ...CARD, confidence: 0.4, normal_confidence: 0.2 };

const OWN = [0.3, 0.3];
const TWO = [0.4, 0.2];

type Storage = 'raw' | 'floats';

/** What a file of these tests has; its other parts are always the same. */
interface FileParts {
  storage?: Storage;
  output?: string;
  inputs?: string[];
  confidence?: number[];
}

/** An ONNX file without nodes: ModelProto and what this page reads of it. */
function modelOf(card: object | null, parts: FileParts = {}): Uint8Array<ArrayBuffer> {
  const writer = new PbfWriter();
  writer.writeVarintField(1, 8);
  writer.writeMessage(7, writeGraph, parts);
  if (card) {
    writer.writeMessage(14, writeEntry, ['other', 'x']);
    writer.writeMessage(14, writeEntry, ['bonescan_yolo', JSON.stringify(card)]);
  }
  return Uint8Array.from(writer.finish());
}

function writeGraph(parts: FileParts, writer: PbfWriter): void {
  const { storage = 'raw', output = 'boxes', inputs = ['scan'], confidence = OWN } = parts;
  for (const name of inputs) writer.writeMessage(11, writeName, name);
  for (const name of [output, 'scan_abnormal_confidence']) writer.writeMessage(12, writeName, name);
  writer.writeMessage(5, writeTensor, { name: 'iou', storage: 'raw', values: [0.3] });
  if (confidence.length) writer.writeMessage(5, writeTensor, { name: 'confidence', storage, values: confidence });
}

interface TensorContent {
  name: string;
  storage: Storage;
  values: number[];
}

function writeTensor({ name, storage, values }: TensorContent, writer: PbfWriter): void {
  if (storage === 'floats') writer.writePackedFloat(4, values);
  writer.writeStringField(8, name);
  if (storage === 'raw') writer.writeBytesField(9, new Uint8Array(Float32Array.from(values).buffer));
}

function writeName(name: string, writer: PbfWriter): void {
  writer.writeStringField(1, name);
}

function writeEntry([key, value]: [string, string], writer: PbfWriter): void {
  writer.writeStringField(1, key);
  writer.writeStringField(2, value);
}

test('the thresholds are lowered in the bytes and nothing else changes', () => {
  for (const storage of ['raw', 'floats'] as const) {
    const original = modelOf(CARD, { storage });
    const { bytes, floor, card } = readModelFile(original, 'm.onnx', 0.01);
    assert.deepEqual(card.thresholds, { abnormal: 0.3, normal: 0.3 });
    assert.equal(floor, 0.01);
    assert.equal(readModelFile(bytes, 'm.onnx', 0.5).floor, Math.fround(0.01));
    const changed = [...bytes].flatMap((byte, index) => (byte === original[index] ? [] : index));
    assert.ok(changed.length > 4 && changed.length <= 8, `${changed}`);
    assert.ok((changed.at(-1) as number) - (changed[0] as number) < 8);
  }
});

test('the thresholds of both classes are the same then, no higher than the lower of its own', () => {
  for (const confidence of [TWO, TWO.toReversed()]) {
    const original = modelOf(TWO_CARD, { confidence });
    const { bytes, floor, card } = readModelFile(original, 'm.onnx', 0.05);
    assert.deepEqual(card.thresholds, { abnormal: 0.4, normal: 0.2 });
    assert.equal(floor, 0.05);
    const offset = Buffer.from(bytes).indexOf(Buffer.from(Float32Array.of(0.05, 0.05).buffer));
    assert.ok(offset > 0);
    assert.equal(readModelFile(original, 'm.onnx', 0.3).floor, Math.fround(0.2));
  }
});

test('a model whose most sensitive point is below the wanted threshold gets that one', () => {
  const pair = (abnormal: number) => ({ abnormal, normal: 0.2 });
  const card = { ...TWO_CARD, schema: 5, sensitive: pair(0.02), specific: pair(0.7) };
  assert.equal(readModelFile(modelOf(card, { confidence: TWO }), 'm.onnx', 0.05).floor, 0.02);
});

test('foreign and damaged models are refused in one line that names the file', () => {
  const refused: [Uint8Array<ArrayBuffer>, RegExp][] = [
    [Uint8Array.from('not a model at all', (letter) => letter.charCodeAt(0)), /m\.onnx: is not an ONNX model/],
    [modelOf(null), /m\.onnx: is not a model of bonescan_yolo/],
    [modelOf({ ...CARD, schema: 6 }), /m\.onnx: has description schema 6, newer than 5/],
    [modelOf({ ...CARD, schema: 4 }), /m\.onnx: is a self-contained file of an earlier version; export it again/],
    [modelOf({ ...CARD, layout: 'stock' }), /m\.onnx: is a model of layout stock; give the -app\.onnx/],
    [modelOf({ schema: 1, class_names: ['abnormal', 'normal'] }), /m\.onnx: is a model of layout stock/],
    [modelOf({ ...CARD, scaling: 'counts' }), /m\.onnx: expects the scaling counts/],
    [modelOf({ ...CARD, class_names: ['cat', 'dog'] }), /m\.onnx: has the classes cat, dog/],
    [modelOf({ ...CARD, confidence: '0.3' }), /m\.onnx: its description is damaged/],
    [modelOf({ layout: 'app' }), /m\.onnx: its description is damaged/],
    [modelOf(CARD, { output: 'output0' }), /m\.onnx: its network does not match its description/],
    [modelOf(CARD, { inputs: ['scan', 'confidence'] }), /m\.onnx: its network does not match its description/],
    [modelOf(CARD, { confidence: [] }), /m\.onnx: its network does not match its description/],
    [modelOf(CARD, { confidence: [0.3] }), /m\.onnx: its network does not match its description/],
    [modelOf(CARD).slice(0, 40), /m\.onnx: is not an ONNX model/],
  ];
  for (const [bytes, message] of refused) {
    assert.throws(() => readModelFile(bytes, 'm.onnx', 0.01), { name: 'BonescanError', message });
  }
});
