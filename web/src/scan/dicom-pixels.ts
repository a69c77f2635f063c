/** Native pixel data of DICOM (PS3.5, section 8) as values, with the rescale of the modality. */

import type { DataSet } from 'dicom-parser';
import { BonescanError } from '../error.ts';
import type { Values } from './record.ts';

const TAG = {
  frameCount: 'x00280008',
  rows: 'x00280010',
  columns: 'x00280011',
  bitsAllocated: 'x00280100',
  bitsStored: 'x00280101',
  representation: 'x00280103',
  intercept: 'x00281052',
  slope: 'x00281053',
  modalityTable: 'x00283000',
  pixelData: 'x7fe00010',
} as const;

/** Return the frames of an uncompressed grey image as float32: DICOM stores counts, whatever its number of bits. */
export function decodeFrames(dataSet: DataSet, name: string, isBigEndian: boolean): Values[] {
  if (TAG.modalityTable in dataSet.elements) {
    throw new BonescanError(`${name}: has a modality look-up table, which this page cannot apply; export it without`);
  }
  const width = dataSet.uint16(TAG.columns) ?? 0;
  const height = dataSet.uint16(TAG.rows) ?? 0;
  const count = dataSet.intString(TAG.frameCount) || 1;
  const read = reader(dataSet, name, isBigEndian);
  const rescale = rescaling(dataSet);
  return Array.from({ length: count }, (_, frame) => {
    const data = new Float32Array(width * height);
    for (let pixel = 0; pixel < data.length; pixel++) data[pixel] = rescale(read(frame * data.length + pixel));
    return { data, width, height };
  });
}

/** Return a function that gives the stored value of a pixel, counted through all frames. */
function reader(dataSet: DataSet, name: string, isBigEndian: boolean): (pixel: number) => number {
  const bits = dataSet.uint16(TAG.bitsAllocated) ?? 16;
  const unused = bits - (dataSet.uint16(TAG.bitsStored) ?? bits);
  const isSigned = dataSet.uint16(TAG.representation) === 1;
  if (![8, 16, 32].includes(bits) || unused < 0 || unused >= bits) {
    throw new BonescanError(`${name}: has pixels of ${bits} bit, which this page cannot decode; export it with 16 bit`);
  }
  const view = viewOfPixels(dataSet, bits / 8);
  const shift = 32 - bits + unused; // unused bits may be anything: shift them out, and the sign in
  const stored = (pixel: number): number => {
    if (bits === 8) return view.getUint8(pixel);
    return bits === 16 ? view.getUint16(2 * pixel, !isBigEndian) : view.getUint32(4 * pixel, !isBigEndian);
  };
  return isSigned ? (pixel) => (stored(pixel) << shift) >> shift : (pixel) => (stored(pixel) << shift) >>> shift;
}

/** Return the bytes of all pixels, or throw where there are too few. */
function viewOfPixels(dataSet: DataSet, bytesPerPixel: number): DataView {
  const element = dataSet.elements[TAG.pixelData];
  const pixels =
    (dataSet.uint16(TAG.rows) ?? 0) * (dataSet.uint16(TAG.columns) ?? 0) * (dataSet.intString(TAG.frameCount) || 1);
  const wanted = pixels * bytesPerPixel;
  const { byteArray } = dataSet;
  const offset = element?.dataOffset ?? byteArray.length;
  const there = Math.min(element?.length ?? 0, byteArray.length - offset);
  if (there < wanted) throw new Error(`it has ${there} of ${wanted} bytes of pixels`);
  return new DataView(byteArray.buffer, byteArray.byteOffset + offset, wanted);
}

/** Return a function from stored values to counts; it needs both slope and intercept to change any (PS3.3, C.11.1). */
function rescaling(dataSet: DataSet): (value: number) => number {
  const slope = dataSet.floatString(TAG.slope);
  const intercept = dataSet.floatString(TAG.intercept);
  if (slope === undefined || intercept === undefined) return (value) => value;
  return (value) => value * slope + intercept;
}
