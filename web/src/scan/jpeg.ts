/** JPEG, decoded by the browser with everything taken out that would make it change grey values. */

import { BonescanError } from '../error.ts';
import { greyOf } from './colour.ts';
import { exifOrientation, type Orientation, UPRIGHT } from './orientation.ts';
import type { Picture } from './png.ts';
import { checkSize } from './record.ts';

/** Markers of ITU-T T.81, table B.1. */
const SCAN = 0xda;
const END = 0xd9;
const ADOBE = 0xee;
const EXIF = 0xe1;

/** What the content of an Exif segment begins with (CIPA DC-008, 4.7.2). */
const EXIF_PREFIX = [0x45, 0x78, 0x69, 0x66, 0, 0];

const APPLICATION = [0xe0, 0xef] as const;
const FRAMES = [0xc0, 0xcf] as const;
const NO_FRAMES = [0xc4, 0xc8, 0xcc];

/** The picture's frame: bits a sample, size and number of channels. */
interface Frame {
  precision: number;
  width: number;
  height: number;
  channels: number;
}

/** Return the grey values in the bytes of a JPEG file, uint8. */
export async function decodeJpeg(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<Picture> {
  const { plain, frame, orientation } = withoutProfiles(bytes, name);
  checkSize(frame.width, frame.height, name);
  if (frame.precision !== 8) {
    throw new BonescanError(`${name}: is ${frame.precision}-bit JPEG, which browsers cannot decode; give 16-bit PNG`);
  }
  const { data, width, height } = await decodeInBrowser(plain, name);
  if (frame.channels === 1 && !isGrey(data)) {
    throw new BonescanError(
      `${name}: was changed by the browser's protection against fingerprinting; give PNG, or turn it off for this page`,
    );
  }
  return { ...greyOf({ data, stride: 4, width, height }, name), orientation };
}

/**
 * Return the file without its application segments, its frame, and the orientation in its Exif segment.
 *
 * Colour profiles would change grey values, which Python does not do either, and not every browser turns a picture as
 * Exif says. Adobe's segment stays: it gives the colour space of the channels.
 */
function withoutProfiles(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
): { plain: Uint8Array<ArrayBuffer>; frame: Frame; orientation: Orientation } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const damaged = (reason: string) =>
    new BonescanError(`${name}: is damaged (${reason}); copy it again from its source`);
  const kept = [bytes.subarray(0, 2)];
  let frame: Frame | null = null;
  let orientation: Orientation | null = null;
  for (let place = 2; place + 4 <= bytes.length; ) {
    const marker = bytes[place + 1] as number;
    if (bytes[place] !== 0xff) throw damaged('a marker is missing');
    if (marker === 0xff) {
      place++; // fill byte
      continue;
    }
    if (marker === SCAN) {
      if (!frame) throw damaged('it has no frame');
      if (!endsWell(bytes)) throw damaged('it ends too early');
      kept.push(bytes.subarray(place));
      return { plain: joined(kept), frame, orientation: orientation ?? UPRIGHT };
    }
    const end = place + 2 + view.getUint16(place + 2);
    if (marker >= FRAMES[0] && marker <= FRAMES[1] && !NO_FRAMES.includes(marker) && place + 10 <= bytes.length) {
      const height = view.getUint16(place + 5);
      const width = view.getUint16(place + 7);
      frame = { precision: view.getUint8(place + 4), height, width, channels: view.getUint8(place + 9) };
    }
    const segment = bytes.subarray(place + 4, end);
    if (marker === EXIF && beginsExif(segment)) orientation ??= exifOrientation(segment.subarray(EXIF_PREFIX.length));
    const isProfile = marker >= APPLICATION[0] && marker <= APPLICATION[1] && marker !== ADOBE;
    if (!isProfile) kept.push(bytes.subarray(place, end));
    place = end;
  }
  throw damaged('it ends too early');
}

function beginsExif(segment: Uint8Array): boolean {
  return EXIF_PREFIX.every((byte, index) => segment[index] === byte);
}

/** Return parts as one: Firefox refuses to decode a Blob that is made of several. */
function joined(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

/** Return whether the file has its end marker: a browser would fill what is missing with grey. */
function endsWell(bytes: Uint8Array): boolean {
  for (let place = bytes.length - 2; place >= 2; place--) {
    if (bytes[place] === 0xff && bytes[place + 1] === END) return true;
  }
  return false;
}

async function decodeInBrowser(plain: Uint8Array<ArrayBuffer>, name: string): Promise<ImageData> {
  let bitmap: ImageBitmap;
  try {
    const options = { colorSpaceConversion: 'none', premultiplyAlpha: 'none' } as const;
    bitmap = await createImageBitmap(new Blob([plain], { type: 'image/jpeg' }), options);
  } catch {
    throw new BonescanError(`${name}: is damaged (the browser cannot decode it); copy it again from its source`);
  }
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d', { willReadFrequently: true });
  if (!context) throw new BonescanError(`${name}: is too large for this browser; scale it down to about 256 x 1024`);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, context.canvas.width, context.canvas.height);
}

function isGrey(data: Uint8ClampedArray): boolean {
  for (let index = 0; index < data.length; index += 4) {
    if (data[index] !== data[index + 1] || data[index] !== data[index + 2]) return false;
  }
  return true;
}
