/** The map of bones is switched on in the bytes of a model file that has one. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PbfWriter } from 'pbf';
import { readModelFile } from '../../src/model/file.ts';
import { FIELDS } from './card-fields.ts';

const CARD = { ...FIELDS, schema: 5, confidence: 0.3 };

/** The float32 0, below the page's least threshold, so that it is left as it is. */
const LOW = [0, 0, 0, 0];

/** An ONNX file without nodes whose initializers have these bytes. */
function modelOf(initializers: Record<string, number[]>): Uint8Array<ArrayBuffer> {
  const writer = new PbfWriter();
  writer.writeMessage(
    7,
    (graph, inner: PbfWriter) => {
      for (const [name, bytes] of Object.entries(graph)) {
        inner.writeMessage(5, (own: string, tensor: PbfWriter) => writeTensor(own, bytes, tensor), name);
      }
      inner.writeMessage(11, writeName, 'scan');
      for (const name of ['boxes', 'scan_abnormal_confidence', 'regions']) inner.writeMessage(12, writeName, name);
    },
    initializers,
  );
  writer.writeMessage(14, writeEntry, ['bonescan_yolo', JSON.stringify(CARD)]);
  return Uint8Array.from(writer.finish());
}

function writeTensor(name: string, bytes: number[], writer: PbfWriter): void {
  writer.writeBytesField(9, Uint8Array.from(bytes));
  writer.writeStringField(8, name);
}

function writeName(name: string, writer: PbfWriter): void {
  writer.writeStringField(1, name);
}

function writeEntry([key, value]: [string, string], writer: PbfWriter): void {
  writer.writeStringField(1, key);
  writer.writeStringField(2, value);
}

function changesOf(initializers: Record<string, number[]>): [number, number][] {
  const original = modelOf({ confidence: [...LOW, ...LOW], ...initializers });
  const { bytes } = readModelFile(original, 'm.onnx', 0.01);
  assert.equal(bytes.length, original.length);
  return [...bytes].flatMap((byte, index) => (byte === original[index] ? [] : [[original[index] as number, byte]]));
}

test('one byte of the file is changed', () => {
  assert.deepEqual(changesOf({ other: [0], with_regions: [0] }), [[0, 1]]);
});

test('a file without the switch, or whose switch is no bool, stays as it is', () => {
  assert.deepEqual(changesOf({ other: [0] }), []);
  assert.deepEqual(changesOf({ with_regions: [0, 0] }), []);
});
