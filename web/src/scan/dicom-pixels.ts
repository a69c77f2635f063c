/** Native pixel data of DICOM (PS3.5, section 8) as values: `bonescan_yolo/scan/dicom/dicom_pixels.py`. */

import type { DataSet } from 'dicom-parser';
import { BonescanError } from '../error.ts';
import { greyOf } from './colour.ts';
import { TAG } from './dicom-tags.ts';
import { frameCountOf, shortsOf, textsOf } from './dicom-values.ts';
import type { Values } from './record.ts';

const COLOURS = ['RGB', 'YBR_FULL', 'YBR_FULL_422'];
const NEUTRAL = 128;

export interface StoredPixels {
  /** Per frame the stored values, or the grey levels of a colour picture. */
  frames: Values[];
  /** Whether they are grey levels of a colour picture rather than stored values. */
  isPicture: boolean;
  /** What was kept against the header, for the user. */
  notes: string[];
}

/** Return the frames of an uncompressed image. */
export function decodeFrames(dataSet: DataSet, name: string, isBigEndian: boolean, isCapture: boolean): StoredPixels {
  if (TAG.modalityTable in dataSet.elements) {
    throw new BonescanError(`${name}: has a modality look-up table, which this page cannot apply; export it without`);
  }
  const kind = textsOf(dataSet, TAG.photometric).join(' ').toUpperCase();
  const samples = dataSet.uint16(TAG.samplesPerPixel) ?? 1;
  if (samples !== 1 && (samples !== 3 || !COLOURS.includes(kind))) {
    throw new BonescanError(
      `${name}: is a colour picture of unknown kind (${kind}); give the grey scan it was made from`,
    );
  }
  const width = dataSet.uint16(TAG.columns) ?? 0;
  const height = dataSet.uint16(TAG.rows) ?? 0;
  const valuesPerFrame = width * height * (kind === 'YBR_FULL_422' ? 2 : samples);
  const { read, notes } = reader(dataSet, name, isBigEndian, valuesPerFrame);
  const frames = Array.from({ length: frameCountOf(dataSet) }, (_, frame) => {
    const data = new Float32Array(valuesPerFrame);
    for (let index = 0; index < data.length; index++) data[index] = read(frame * valuesPerFrame + index);
    return { data, width, height };
  });
  if (samples === 3) {
    return { frames: frames.map((frame) => greyOfSamples(frame, kind, dataSet, name)), isPicture: true, notes };
  }
  if (kind === 'PALETTE COLOR' && isCapture) {
    return { frames: frames.map((frame) => greyOfPalette(frame, dataSet, name, isBigEndian)), isPicture: true, notes };
  }
  return { frames, isPicture: false, notes };
}

/**
 * Return a function that gives the stored value of an index, counted through all frames.
 *
 * The value has as many bits as are stored, from the lowest or, in a retired form, below the high bit. Bits above may
 * hold an overlay, else they belong to values for which too few bits are declared: `bonescan_yolo/scan/dicom/dicom_bits.py`.
 */
function reader(
  dataSet: DataSet,
  name: string,
  isBigEndian: boolean,
  valuesPerFrame: number,
): { read: (index: number) => number; notes: string[] } {
  const bits = dataSet.uint16(TAG.bitsAllocated) ?? 16;
  const declared = dataSet.uint16(TAG.bitsStored) ?? bits;
  const stored = declared >= 1 && declared <= bits ? declared : bits;
  const high = dataSet.uint16(TAG.highBit) ?? stored - 1;
  const below = high < bits ? Math.max(high + 1 - stored, 0) : 0;
  if (![8, 16, 32].includes(bits)) {
    throw new BonescanError(`${name}: has pixels of ${bits} bit, which this page cannot decode; export it with 16 bit`);
  }
  const view = viewOfPixels(dataSet, name, (valuesPerFrame * bits) / 8);
  const valueAt = (index: number): number => {
    if (bits === 8) return view.getUint8(index);
    return bits === 16 ? view.getUint16(2 * index, !isBigEndian) : view.getUint32(4 * index, !isBigEndian);
  };
  const shift = 32 - stored - below; // shift the bits above out, and the sign in
  const back = 32 - stored;
  if (dataSet.uint16(TAG.representation) === 1)
    return { read: (index) => (valueAt(index) << shift) >> back, notes: [] };
  const count = valuesPerFrame * frameCountOf(dataSet);
  const needsMore = stored < bits && !below && !hasOverlayBits(dataSet) && someAbove(valueAt, count, 2 ** stored);
  if (needsMore) return { read: valueAt, notes: [`values kept that need more than the ${stored} bits declared`] };
  return { read: (index) => (valueAt(index) << shift) >>> back, notes: [] };
}

function someAbove(valueAt: (index: number) => number, count: number, limit: number): boolean {
  for (let index = 0; index < count; index++) if (valueAt(index) >= limit) return true;
  return false;
}

/** Whether an overlay is in unused bits of the pixels (PS3.3, C.9.2): its bit position is not 0. */
function hasOverlayBits(dataSet: DataSet): boolean {
  return Array.from({ length: 16 }, (_, overlay) => `x60${(2 * overlay).toString(16).padStart(2, '0')}0102`).some(
    (tag) => dataSet.uint16(tag),
  );
}

/** Return the bytes of all pixels; refuse too few of them, and whole frames more than declared. */
function viewOfPixels(dataSet: DataSet, name: string, bytesPerFrame: number): DataView {
  const element = dataSet.elements[TAG.pixelData];
  const count = frameCountOf(dataSet);
  const wanted = bytesPerFrame * count;
  const { byteArray } = dataSet;
  const offset = element?.dataOffset ?? byteArray.length;
  const there = Math.min(element?.length ?? 0, byteArray.length - offset);
  const surplus = Math.floor(there / bytesPerFrame);
  const fault =
    there < wanted
      ? `its pixel data has ${there} of ${wanted} bytes`
      : `its pixel data has ${surplus} frames, ${count} declared`;
  if (there < wanted || surplus > count) {
    throw new BonescanError(`${name}: is damaged DICOM (${fault}); export it again from its source`);
  }
  return new DataView(byteArray.buffer, byteArray.byteOffset + offset, wanted);
}

/** Return the grey levels of a picture in three colours (PS3.3, C.7.6.3.1.2 and C.7.6.3.1.3). */
function greyOfSamples(frame: Values, kind: string, dataSet: DataSet, name: string): Values {
  const { data, width, height } = frame;
  const pixels = width * height;
  const byPlane = dataSet.uint16(TAG.planarConfiguration) === 1;
  const colours = dataSet.uint16(TAG.bitsAllocated) === 8 ? new Uint8Array(3 * pixels) : new Uint16Array(3 * pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let sample = 0; sample < 3; sample++) {
      let index = byPlane ? sample * pixels + pixel : 3 * pixel + sample;
      // two pixels share their colour: brightness, brightness, blue, red
      if (kind === 'YBR_FULL_422') index = 4 * (pixel >> 1) + (sample ? 1 + sample : pixel & 1);
      colours[3 * pixel + sample] = data[index] as number;
    }
    if (kind !== 'RGB') toRgb(colours.subarray(3 * pixel, 3 * pixel + 3));
  }
  return greyOf({ data: colours, stride: 3, width, height }, name);
}

/** Turn brightness, blue and red difference into red, green and blue, in place (ITU-T T.871, 7). */
function toRgb(pixel: Uint8Array | Uint16Array): void {
  const [brightness = 0, blue = 0, red = 0] = pixel;
  const clamp = (value: number): number => Math.min(Math.max(Math.round(value), 0), 255);
  pixel[0] = clamp(brightness + 1.402 * (red - NEUTRAL));
  pixel[1] = clamp(brightness - 0.344136 * (blue - NEUTRAL) - 0.714136 * (red - NEUTRAL));
  pixel[2] = clamp(brightness + 1.772 * (blue - NEUTRAL));
}

/** Return the grey levels of a picture whose values are places in three tables (PS3.3, C.7.6.3.1.5). */
function greyOfPalette(frame: Values, dataSet: DataSet, name: string, isBigEndian: boolean): Values {
  const tables = [
    tableOf(dataSet, TAG.redDescriptor, TAG.redTable, name, isBigEndian),
    tableOf(dataSet, TAG.greenDescriptor, TAG.greenTable, name, isBigEndian),
    tableOf(dataSet, TAG.blueDescriptor, TAG.blueTable, name, isBigEndian),
  ];
  const [, first = 0] = shortsOf(dataSet, TAG.redDescriptor);
  const colours = new Uint8Array(3 * frame.data.length);
  frame.data.forEach((value: number, pixel: number) => {
    tables.forEach((table, channel) => {
      colours[3 * pixel + channel] = table[Math.min(Math.max(value - first, 0), table.length - 1)] as number;
    });
  });
  return greyOf({ data: colours, stride: 3, width: frame.width, height: frame.height }, name);
}

/** Return one table of a palette as grey levels of 0 to 255. */
function tableOf(dataSet: DataSet, descriptor: string, table: string, name: string, isBigEndian: boolean): Uint8Array {
  const [entries = 0, , bits = 16] = shortsOf(dataSet, descriptor);
  const element = dataSet.elements[table];
  const count = entries || 0x10000; // 65536 does not fit its 16 bits
  const is16Bit = (element?.length ?? 0) >= 2 * count;
  if (!element || element.length < count) {
    throw new BonescanError(`${name}: is damaged DICOM (its palette is incomplete); export it again from its source`);
  }
  const { byteArray } = dataSet;
  const view = new DataView(byteArray.buffer, byteArray.byteOffset + element.dataOffset, element.length);
  const drop = bits > 8 ? 8 : 0;
  return Uint8Array.from({ length: count }, (_, index) =>
    is16Bit ? view.getUint16(2 * index, !isBigEndian) >> drop : view.getUint8(index),
  );
}
