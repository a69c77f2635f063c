import assert from 'node:assert/strict';
import { test } from 'node:test';
import table from '../../../tests/shared/thresholds.json';
import { readModelCard } from '../../src/model/card.ts';
import { lowestNeeded, nameOf } from '../../src/model/operating-points.ts';
import { FIELDS } from './card-fields.ts';

const POINTS = {
  schema: 5,
  confidence: 0.4,
  sensitive: { abnormal: 0.02, normal: 0.3 },
  specific: { abnormal: 0.7, normal: 0.5 },
};

const cardOf = (fields: object) =>
  readModelCard(new Map([['bonescan_yolo', JSON.stringify({ ...FIELDS, ...fields })]]), 'm.onnx');

test('a description gives the points, and thresholds the names, of the table shared with Python', () => {
  for (const { fields, points, names } of table.points) {
    const card = cardOf(fields);
    assert.deepEqual(card.points, points);
    for (const { thresholds, name } of names ?? []) assert.equal(nameOf(card.points, thresholds), name);
  }
});

test('points that are damaged are refused', () => {
  for (const changed of [
    { sensitive: null },
    { sensitive: 0.1 },
    { sensitive: { abnormal: 0.02 } },
    { sensitive: { abnormal: '0.02', normal: 0.3 } },
    { sensitive: { abnormal: -0.1, normal: 0.3 } },
    { specific: { abnormal: 0.3, normal: 0.5 } },
    { specific: { abnormal: 0.7, normal: 1.1 } },
  ]) {
    assert.throws(() => cardOf({ ...POINTS, ...changed }), { message: /m\.onnx: its description is damaged/ });
  }
});

test('the page needs boxes down to the most sensitive point', () => {
  assert.equal(lowestNeeded(cardOf(POINTS).points), 0.02);
  assert.equal(lowestNeeded(null), 1);
});
