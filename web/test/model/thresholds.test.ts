import assert from 'node:assert/strict';
import { test } from 'node:test';
import table from '../../../tests/shared/thresholds.json';
import { describe } from '../../src/files/save.ts';
import type { Entry, StudyScan } from '../../src/files/studies.ts';
import { boxesOf } from '../../src/model/boxes.ts';
import { readModelCard } from '../../src/model/card.ts';
import { movedFrom, type Thresholds, textsOf } from '../../src/model/thresholds.ts';
import type { LoadedModel, ScanReading } from '../../src/worker/protocol.ts';
import { FIELDS } from './card-fields.ts';

const RANGE: [number, number] = [0.05, 0.95];

const cardOf = (fields: object) =>
  readModelCard(new Map([['bonescan_yolo', JSON.stringify({ ...FIELDS, ...fields })]]), 'm.onnx');

test('a description gives the thresholds of the table shared with Python', () => {
  for (const { fields, thresholds } of table.cards) assert.deepEqual(cardOf(fields).thresholds, thresholds);
});

test('a description whose thresholds are none is refused', () => {
  for (const normal_confidence of ['0.3', -0.1, 1.1]) {
    const fields = { schema: 5, confidence: 0.4, normal_confidence };
    assert.throws(() => cardOf(fields), { message: /m\.onnx: its description is damaged/ });
  }
});

test('boxes are shown as the table shared with Python says', () => {
  for (const { thresholds, class: name, confidence, shown } of table.boxes) {
    const boxes = Float32Array.of(0, 0, 1, 1, confidence, name === 'abnormal' ? 0 : 1);
    assert.equal(
      boxesOf({ boxes, pixelSpacingMm: null, sites: null }, thresholds).length,
      Number(shown),
      JSON.stringify(thresholds),
    );
  }
});

test('a reading says what the table shared with Python says', () => {
  const card = cardOf({ schema: 5, confidence: 0.3 });
  const model: LoadedModel = { file: 'm.onnx', sha256: '0'.repeat(64), card, floor: 0.05 };
  const reading: ScanReading = {
    frame: 0,
    frameCount: 1,
    view: null,
    width: 256,
    height: 1024,
    pixelSpacingMm: null,
    inverted: false,
    turned: 0,
    lossy: false,
    compressionRatio: null,
    notes: [],
    doubts: [],
    boxes: new Float32Array(),
    sites: null,
    abnormalConfidence: 0,
  };
  const scan: StudyScan = { entry: { path: '1.png', reading: null } as Entry, reading };
  for (const { thresholds, model: expected } of table.readings) {
    const told = describe(scan, model, thresholds) as { model: Record<string, unknown> };
    const facts = Object.entries(told.model).filter(([key]) => key.includes('threshold') && key !== 'iou_threshold');
    assert.deepEqual(Object.fromEntries(facts), expected);
  }
});

test('one threshold is one text, two have the names of the classes', () => {
  const write = (value: number) => value.toFixed(2);
  assert.deepEqual(textsOf({ abnormal: 0.4, normal: 0.4 }, write), ['0.40']);
  assert.deepEqual(textsOf({ abnormal: 0.4, normal: 0.3 }, write), ['abnormal 0.40', 'normal 0.30']);
});

test('moved, both are as the model has them in the middle and the same at the ends', () => {
  for (const own of [
    { abnormal: 0.4, normal: 0.3 },
    { abnormal: 0.3, normal: 0.6 },
  ]) {
    assert.deepEqual(movedFrom(own, own.abnormal, RANGE), own);
    for (const end of RANGE) near(movedFrom(own, end, RANGE), { abnormal: end, normal: end });
    const values = Array.from({ length: 91 }, (_, step) => movedFrom(own, 0.05 + step / 100, RANGE).normal);
    for (const [step, value] of values.entries()) {
      assert.ok(value >= 0.05 - 1e-9 && value <= 0.95 + 1e-9);
      if (step) assert.ok(value > (values[step - 1] as number), `${step}`);
    }
  }
  near(movedFrom({ abnormal: 0.4, normal: 0.3 }, 0.225, RANGE), { abnormal: 0.225, normal: 0.175 });
});

test('classes that share a threshold keep sharing it', () => {
  const own = { abnormal: 0.45, normal: 0.45 };
  for (const value of [0.05, 0.31, 0.45, 0.7, 0.95]) {
    assert.deepEqual(movedFrom(own, value, RANGE), { abnormal: value, normal: value });
  }
});

test('a model with a threshold at an end of the range divides nothing by 0', () => {
  assert.deepEqual(movedFrom({ abnormal: 0.95, normal: 0.3 }, 0.95, RANGE), { abnormal: 0.95, normal: 0.3 });
  assert.deepEqual(movedFrom({ abnormal: 0.05, normal: 0.3 }, 0.05, RANGE), { abnormal: 0.05, normal: 0.3 });
  near(movedFrom({ abnormal: 0.95, normal: 0.3 }, 0.05, RANGE), { abnormal: 0.05, normal: 0.05 });
});

function near(found: Thresholds, expected: Thresholds): void {
  assert.ok(Math.abs(found.abnormal - expected.abnormal) < 1e-9, JSON.stringify(found));
  assert.ok(Math.abs(found.normal - expected.normal) < 1e-9, JSON.stringify(found));
}
