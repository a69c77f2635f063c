/**
 * PNG of 1 to 16 bit, decoded by fast-png: a canvas would give 8 bits, and not always the ones in the file (colour
 * profiles, protection against fingerprinting).
 */

import { type DecodedPng, decode } from 'fast-png';
import { BonescanError, reasonOf } from '../error.ts';
import { greyOfColour } from './colour.ts';
import { checkSize, type Values } from './record.ts';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const HEADER = 0x49484452; // IHDR, the type of the first chunk

/** Bytes before the type and the content of the first chunk (PNG specification, 5.2 and 11.2.2). */
const TYPE_OFFSET = 12;
const HEADER_OFFSET = 16;
const DEPTH_OFFSET = 24;
const INTERLACE_OFFSET = 28;

export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, index) => bytes[index] === byte);
}

/** Return the grey values in the bytes of a PNG file: uint8, or uint16 where it has 16 bits. */
export function decodePng(bytes: Uint8Array<ArrayBuffer>, name: string): Values {
  try {
    const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (header.getUint32(TYPE_OFFSET) !== HEADER) throw new Error('it has no header');
    checkSize(header.getUint32(HEADER_OFFSET), header.getUint32(HEADER_OFFSET + 4), name);
    if (header.getUint8(DEPTH_OFFSET) < 8 && header.getUint8(INTERLACE_OFFSET) !== 0) {
      throw new BonescanError(`${name}: is an interlaced PNG of less than 8 bit; save it without interlacing`);
    }
    return greyValues(decode(bytes, { checkCrc: true }), name);
  } catch (error) {
    if (error instanceof BonescanError) throw error;
    throw new BonescanError(`${name}: is damaged (${reasonOf(error)}); copy it again from its source`);
  }
}

function greyValues(png: DecodedPng, name: string): Values {
  const { width, height, channels, depth, palette } = png;
  if (palette) {
    const indices = unpackSamples(png, 1);
    const colours = new Uint8Array(3 * indices.length);
    indices.forEach((index, pixel) => {
      colours.set((palette[index] ?? [0, 0, 0]).slice(0, 3), 3 * pixel);
    });
    return greyOfColour(colours, 3, width, height, name);
  }
  if (channels === 1) {
    if (depth === 16) return { data: png.data, width, height };
    return { data: unpackSamples(png, 255 / (2 ** depth - 1)), width, height };
  }
  const bytes = depth === 16 ? Uint8Array.from(png.data, (value) => value >> 8) : png.data; // Pillow keeps the high byte
  if (channels > 2) return greyOfColour(bytes, channels, width, height, name);
  return { data: Uint8Array.from({ length: width * height }, (_, pixel) => bytes[2 * pixel] as number), width, height };
}

/** Return one value per pixel, times a factor, where 1, 2 or 4 bits per pixel are packed into bytes. */
function unpackSamples(png: DecodedPng, factor: number): Uint8Array {
  const { width, height, depth } = png;
  const rowBytes = Math.ceil((width * depth) / 8);
  const mask = 2 ** depth - 1;
  const values = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const bit = column * depth;
      const byte = png.data[row * rowBytes + (bit >> 3)] as number;
      values[row * width + column] = ((byte >> (8 - depth - (bit & 7))) & mask) * factor;
    }
  }
  return values;
}
