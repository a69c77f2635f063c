import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boxesOf } from '../../src/model/boxes.ts';

const ROWS = [
  [0, 0, 10, 20, 0.9, 0],
  [1, 1, 2, 2, 0.3, 1],
  [1, 1, 2, 2, 0.1, 0],
];
const BOXES = Float32Array.from(ROWS.flat());

const both = (confidence: number) => ({ abnormal: confidence, normal: confidence });

test('boxes above the threshold are shown, compared in float32 as the model does', () => {
  const found = boxesOf({ boxes: BOXES, pixelSpacingMm: [2, 3], sites: null }, both(0.05));
  assert.deepEqual(
    found.map((box) => box.className),
    ['abnormal', 'normal', 'abnormal'],
  );
  assert.deepEqual(found[0]?.sizeMm, [30, 40]);
  assert.equal(boxesOf({ boxes: BOXES, pixelSpacingMm: null, sites: null }, both(0.3)).length, 1);
  assert.equal(boxesOf({ boxes: BOXES, pixelSpacingMm: null, sites: null }, both(0.2999)).length, 2);
  assert.equal(boxesOf({ boxes: BOXES, pixelSpacingMm: null, sites: null }, both(0.3))[0]?.sizeMm, null);
});

test('each class has its own threshold', () => {
  const shown = (abnormal: number, normal: number) =>
    boxesOf({ boxes: BOXES, pixelSpacingMm: null, sites: null }, { abnormal, normal }).map((box) =>
      box.confidence.toFixed(1),
    );
  assert.deepEqual(shown(0.5, 0.2), ['0.9', '0.3']);
  assert.deepEqual(shown(0.05, 0.3), ['0.9', '0.1']);
  assert.deepEqual(shown(0.95, 0.2), ['0.3']);
});
