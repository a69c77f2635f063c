/**
 * PNG of 1 to 16 bit, decoded by fast-png: a canvas would give 8 bits, and not always the ones in the file (colour
 * profiles, protection against fingerprinting).
 */

import { type DecodedPng, decode } from 'fast-png';
import { BonescanError, reasonOf } from '../error.ts';
import { type Channels, type GreyPicture, greyOf } from './colour.ts';
import { exifOrientation, type Orientation, UPRIGHT } from './orientation.ts';
import { checkSize } from './record.ts';

const HEADER = 0x49484452; // IHDR, the type of the first chunk

/** Bytes before the type and the content of the first chunk (PNG specification, 5.2 and 11.2.2). */
const TYPE_OFFSET = 12;
const HEADER_OFFSET = 16;
const DEPTH_OFFSET = 24;
const INTERLACE_OFFSET = 28;

const EXIF = 0x65584966; // eXIf (PNG, third edition, 11.3.4.5)
const SIGNATURE_BYTES = 8;

/** Bytes of a chunk besides its content: length, type and check sum (PNG specification, 5.3). */
const CHUNK_FRAME_BYTES = 12;

export interface Picture extends GreyPicture {
  orientation: Orientation;
}

/** Return the grey values in the bytes of a PNG file: uint8, or uint16 where it has 16 bits. */
export function decodePng(bytes: Uint8Array<ArrayBuffer>, name: string): Picture {
  try {
    const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (header.getUint32(TYPE_OFFSET) !== HEADER) throw new Error('it has no header');
    checkSize(header.getUint32(HEADER_OFFSET), header.getUint32(HEADER_OFFSET + 4), name);
    if (header.getUint8(DEPTH_OFFSET) < 8 && header.getUint8(INTERLACE_OFFSET) !== 0) {
      throw new BonescanError(`${name}: is an interlaced PNG of less than 8 bit; save it without interlacing`);
    }
    const values = greyValues(decode(bytes, { checkCrc: true }), name);
    return { ...values, orientation: orientationOf(bytes, header) };
  } catch (error) {
    if (error instanceof BonescanError) throw error;
    throw new BonescanError(`${name}: is damaged (${reasonOf(error)}); copy it again from its source`);
  }
}

function greyValues(png: DecodedPng, name: string): GreyPicture {
  const { width, height, channels, depth, palette } = png;
  const key = png.transparency?.length ? [...png.transparency] : undefined;
  if (palette) return greyOf(coloursOf(png, palette), name);
  if (channels === 1 && depth < 16) {
    const factor = 255 / (2 ** depth - 1);
    const data = unpackSamples(png, factor);
    return greyOf(
      { data, stride: 1, width, height },
      name,
      key?.map((value) => value * factor),
    );
  }
  return greyOf({ data: png.data, stride: channels, width, height }, name, key);
}

/** Return the colours of the pixels of a picture with a palette, with alpha if the palette has it. */
function coloursOf(png: DecodedPng, palette: readonly (readonly number[])[]): Channels {
  const { width, height } = png;
  const stride = palette.some((colour) => colour.length > 3) ? 4 : 3;
  const indices = unpackSamples(png, 1);
  const data = new Uint8Array(stride * indices.length);
  indices.forEach((index, pixel) => {
    data.set(palette[index] ?? [0, 0, 0, 255].slice(0, stride), stride * pixel);
  });
  return { data, stride, width, height };
}

/** Return the orientation in the file's Exif chunk. */
function orientationOf(bytes: Uint8Array, view: DataView): Orientation {
  for (let place = SIGNATURE_BYTES; place + CHUNK_FRAME_BYTES <= bytes.length; ) {
    const length = view.getUint32(place);
    const start = place + SIGNATURE_BYTES;
    if (view.getUint32(place + 4) === EXIF) return exifOrientation(bytes.subarray(start, start + length));
    place += length + CHUNK_FRAME_BYTES;
  }
  return UPRIGHT;
}

/** Return one value per pixel, times a factor, where 1, 2 or 4 bits per pixel are packed into bytes. */
function unpackSamples(png: DecodedPng, factor: number): Uint8Array<ArrayBuffer> {
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
