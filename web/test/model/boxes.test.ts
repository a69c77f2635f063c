import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boxesOf } from '../../src/model/boxes.ts';

test('boxes above the threshold are shown, compared in float32 as the model does', () => {
  const rows = [
    [0, 0, 10, 20, 0.9, 0],
    [1, 1, 2, 2, 0.3, 1],
    [1, 1, 2, 2, 0.1, 0],
  ];
  const boxes = Float32Array.from(rows.flat());
  const found = boxesOf({ boxes, pixelSpacingMm: [2, 3] }, 0.05);
  assert.deepEqual(
    found.map((box) => box.className),
    ['abnormal', 'normal', 'abnormal'],
  );
  assert.deepEqual(found[0]?.sizeMm, [30, 40]);
  assert.equal(boxesOf({ boxes, pixelSpacingMm: null }, 0.3).length, 1);
  assert.equal(boxesOf({ boxes, pixelSpacingMm: null }, 0.2999).length, 2);
  assert.equal(boxesOf({ boxes, pixelSpacingMm: null }, 0.3)[0]?.sizeMm, null);
});
