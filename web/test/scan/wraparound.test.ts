import assert from 'node:assert/strict';
import { test } from 'node:test';
import wrapped from '../../../tests/shared/wrapped.json';
import { findWraparound, fixWraparound } from '../../src/scan/wraparound.ts';

const CASES = wrapped.cases.map(({ levels, core, ...rest }) => ({
  ...rest,
  data: Uint8Array.from(Buffer.from(levels, 'base64')),
  core: core as [number, number, number][],
}));

test('hot spots that wrapped are those that Python finds, pixel by pixel', () => {
  for (const { name, data, width, height, regions, core } of CASES) {
    const expected = new Uint8Array(data.length);
    for (const [row, start, end] of core) expected.fill(1, row * width + start, row * width + end);
    const found = findWraparound({ data, width, height });
    assert.equal(found.regions, regions, name);
    assert.deepEqual(found.core, expected, name);
  }
});

test('what wrapped becomes 255 and everything else stays', () => {
  for (const { data, width, height, regions } of CASES) {
    const before = data.slice();
    const fixed = fixWraparound(data, width, height);
    const { core } = findWraparound({ data, width, height });
    assert.equal(fixed.regions, regions);
    assert.deepEqual(data, before);
    assert.ok(fixed.levels.every((level, index) => level === (core[index] ? 255 : data[index])));
  }
});
