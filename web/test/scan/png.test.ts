import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from 'fast-png';
import { decodePng } from '../../src/scan/png.ts';
import { kindOf } from '../../src/scan/sniff.ts';

const WIDTH = 33;
const HEIGHT = 40;

function bytesOf(data: Uint8Array | Uint16Array, channels: number, depth: 8 | 16): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(encode({ width: WIDTH, height: HEIGHT, data, channels, depth }));
}

test('16 bit come out as they went in', () => {
  const data = Uint16Array.from({ length: WIDTH * HEIGHT }, (_, index) => (index * 997) % 65536);
  const bytes = bytesOf(data, 1, 16);
  assert.equal(kindOf(bytes), 'png');
  assert.deepEqual(decodePng(bytes, 'a').data, data);
});

test('grey saved as colour is taken, and colour is refused', () => {
  const grey = Uint8Array.from({ length: 3 * WIDTH * HEIGHT }, (_, index) => Math.floor(index / 3) % 256);
  const decoded = decodePng(bytesOf(grey, 3, 8), 'a').data;
  assert.ok(decoded.every((value, index) => value === index % 256));
  const red = grey.map((value, index) => (index % 3 ? 0 : value));
  assert.throws(() => decodePng(bytesOf(red, 3, 8), 'a'), /a: is a colour picture/);
});

test('damage is reported in one line', () => {
  const bytes = bytesOf(new Uint8Array(WIDTH * HEIGHT).fill(9), 1, 8);
  for (const part of [20, 60, bytes.length - 20]) {
    assert.throws(
      () => decodePng(bytes.slice(0, part), 'a.png'),
      /^BonescanError: a\.png: is damaged \(.+\); copy it again/,
    );
  }
  const flipped = bytes.slice();
  flipped[50] = (flipped[50] as number) ^ 0xff;
  assert.throws(() => decodePng(flipped, 'a.png'), /a\.png: is damaged/);
});

test('a size that no scan has is refused before anything is decoded', () => {
  const bytes = bytesOf(new Uint8Array(WIDTH * HEIGHT), 1, 8);
  new DataView(bytes.buffer).setUint32(16, 100_000);
  new DataView(bytes.buffer).setUint32(20, 100_000);
  assert.throws(() => decodePng(bytes, 'a.png'), /too large for a scan/);
});
