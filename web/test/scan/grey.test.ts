import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boneLevel, toGrey } from '../../src/scan/grey.ts';
import { normalisePixels, type Values } from '../../src/scan/record.ts';

const SIDE = 32;

type Numbers = Uint8Array | Uint16Array | Float64Array;

/** A scan whose first value, and every tenth after it, differs from the others. */
function values<T extends Numbers>(data: T, first: number, others: number): { data: T; width: number; height: number } {
  for (let index = 0; index < data.length; index++) data[index] = index % 10 ? others : first;
  return { data, width: SIDE, height: SIDE };
}

test('8-bit levels stay as they are, and counts are brought to 40 at their 99th percentile', () => {
  assert.deepEqual(toGrey(Uint8Array.of(0, 7, 255)).grey, Uint8Array.of(0, 7, 255));
  const counts = Float32Array.from({ length: 101 }, (_, index) => 10 * index); // the 99th percentile is 990
  const { grey, unitsPerGrey } = toGrey(counts);
  assert.equal(grey[99], 40);
  assert.equal(grey[50], Math.round((500 / 990) * 40));
  assert.equal(unitsPerGrey, 990 / 40);
});

test('what is far hotter saturates, and an empty scan stays 0', () => {
  const counts = new Float32Array(1000).fill(1);
  counts[0] = 1e9;
  assert.equal(toGrey(counts).grey[0], 255);
  assert.ok(toGrey(new Float32Array(50)).grey.every((level) => level === 0));
});

/** A scan with a background around a square in the middle. */
function square<T extends Numbers>(data: T, inside: number, outside: number): Values {
  for (let index = 0; index < data.length; index++) {
    const [row, column] = [Math.floor(index / SIDE), index % SIDE];
    data[index] = [row, column].every((place) => place >= 10 && place < 20) ? inside : outside;
  }
  return { data, width: SIDE, height: SIDE };
}

const MIDDLE = 15 * SIDE + 15;

test('a white background is inverted, of 8 bit at 255 and of counts at their highest', () => {
  const grey = normalisePixels(square(new Uint8Array(SIDE ** 2), 5, 255), 'a');
  assert.deepEqual([grey.inverted, grey.pixels[MIDDLE], grey.pixels[1]], [true, 250, 0]);
  const counts = normalisePixels(square(new Uint16Array(SIDE ** 2), 10, 1000), 'a');
  assert.deepEqual([counts.inverted, counts.pixels[MIDDLE], counts.pixels[1]], [true, 990, 0]);
  assert.equal(normalisePixels(square(new Uint16Array(SIDE ** 2), 10, 1000), 'a', false).inverted, false);
});

test('a bright majority without bright sides is a body that fills the picture', () => {
  const data = new Uint8Array(SIDE ** 2).fill(255);
  for (let row = 0; row < SIDE; row++) data.fill(0, row * SIDE, row * SIDE + 6);
  assert.equal(normalisePixels({ data, width: SIDE, height: SIDE }, 'a').inverted, false);
});

test('one level everywhere is refused', () => {
  for (const level of [0, 7, 255]) {
    const data = new Uint8Array(SIDE ** 2).fill(level);
    assert.throws(() => normalisePixels({ data, width: SIDE, height: SIDE }, 'a'), /a: shows nothing/);
  }
});

test('negative counts are cut off, and NaN is refused', () => {
  assert.equal(normalisePixels(values(new Float64Array(SIDE ** 2), -3, 1), 'a', false).pixels[0], 0);
  assert.throws(() => normalisePixels(values(new Float64Array(SIDE ** 2), Number.NaN, 1), 'a'), /a: contains NaN/);
});

test('sizes that no scan has are refused', () => {
  const small = { data: new Uint8Array(31 * 100), width: 31, height: 100 };
  assert.throws(() => normalisePixels(small, 'a'), /a: is 31 x 100 pixels, too small/);
});

test('the level of bone is that of the brighter tenth of the body, and 1 on an empty scan', () => {
  assert.equal(boneLevel(Uint8Array.from({ length: 200 }, (_, index) => (index < 100 ? 0 : index - 90))), 100);
  assert.equal(boneLevel(new Uint8Array(100)), 1);
});
