/** Planar nuclear medicine scans in uncompressed DICOM: the rules of `bonescan_yolo/scan/dicom/dicom_decoder.py`. */

import type { DataSet } from 'dicom-parser';
import { BonescanError, reasonOf } from '../error.ts';
import { paddingOf, rescaled } from './dicom-counts.ts';
import { type ParsedFile, parseFile } from './dicom-file.ts';
import { photopeakFrames } from './dicom-frames.ts';
import { modalityOf, requirePlanarScan } from './dicom-kind.ts';
import { turnOf } from './dicom-orientation.ts';
import { decodeFrames, type StoredPixels } from './dicom-pixels.ts';
import { TAG } from './dicom-tags.ts';
import { numbersOf, textsOf } from './dicom-values.ts';
import { viewOfFrame } from './dicom-views.ts';
import { median, normalisePixels, type Pixels, type Scan, turnScan, type Values } from './record.ts';

const GREY_BITS = 8;

export interface DicomFile {
  scans: Scan[];
  /** UID of the study instance, null if the file has none. */
  studyUid: string | null;
}

/** Return the scans in the bytes of a DICOM file: one per frame of the photopeak window. */
export function decodeDicom(bytes: Uint8Array<ArrayBuffer>, name: string): DicomFile {
  try {
    const file = parseFile(bytes, name);
    requirePlanarScan(file, name);
    return { scans: scansOf(file, name), studyUid: textsOf(file.dataSet, TAG.studyInstance)[0] ?? null };
  } catch (error) {
    if (error instanceof BonescanError) throw error;
    throw new BonescanError(`${name}: is damaged DICOM (${reasonOf(error)}); export it again from its source`);
  }
}

function scansOf(file: ParsedFile, name: string): Scan[] {
  const { dataSet } = file;
  const isCapture = modalityOf(file) !== 'NM';
  const stored = decodeFrames(dataSet, name, file.isBigEndian, isCapture);
  const { frames, notes } = countsOf(dataSet, stored, isCapture);
  const hotIsDark = !isCapture && !stored.isPicture && showsCounts(dataSet) ? false : null;
  const lossy = textsOf(dataSet, TAG.lossy)[0] === '01';
  const ratios = numbersOf(dataSet, TAG.lossyRatio).filter((ratio) => ratio > 0 && Number.isFinite(ratio));
  const turned = turnOf(dataSet);
  return photopeakFrames(dataSet, frames.length).map((index) => {
    const frame = frames[index] as Values;
    const isPadding = stored.isPicture ? null : paddingOf(dataSet, stored.frames[index]?.data as Float32Array);
    const { pixels, inverted } = normalisePixels(isPadding ? withoutPadding(frame, isPadding) : frame, name, hotIsDark);
    if (isPadding) darken(pixels, isPadding);
    const { view, note } = viewOfFrame(dataSet, index);
    const said = [...file.notes, ...stored.notes, ...notes];
    if (isPadding) said.push('padding set to the darkest value');
    if (note) said.push(note);
    if (turned) said.push(`turned by ${turned} degrees clockwise, as the file's orientation says`);
    const { width, height } = frame;
    const compressionRatio = lossy && ratios.length ? Math.max(...ratios) : null;
    const facts = { view, pixelSpacingMm: spacingOf(dataSet), inverted, lossy, compressionRatio, notes: said };
    return turnScan({ ...facts, pixels, width, height, turned: 0 }, turned);
  });
}

/** Return the frames as counts or, of pictures and of captures of 8 bit, as grey levels; and what was ignored. */
function countsOf(dataSet: DataSet, stored: StoredPixels, isCapture: boolean): { frames: Values[]; notes: string[] } {
  if (stored.isPicture) return { frames: stored.frames, notes: [] };
  const all = new Float32Array(stored.frames.length * (stored.frames[0]?.data.length ?? 0));
  stored.frames.forEach((frame, index) => {
    all.set(frame.data, index * frame.data.length);
  });
  const { counts, notes, isPlain } = rescaled(dataSet, all);
  const isGrey = isCapture && isPlain && hasGreyLevels(dataSet);
  const frames = stored.frames.map((frame, index) => {
    const data = counts.subarray(index * frame.data.length, (index + 1) * frame.data.length);
    return { ...frame, data: isGrey ? Uint8Array.from(data) : data };
  });
  return { frames, notes };
}

function hasGreyLevels(dataSet: DataSet): boolean {
  const bits = [TAG.bitsAllocated, TAG.bitsStored].map((tag) => dataSet.uint16(tag));
  return bits.every((number) => number === GREY_BITS) && dataSet.uint16(TAG.representation) !== 1;
}

/** Whether nuclear medicine holds counts; MONOCHROME1 may show anything. */
function showsCounts(dataSet: DataSet): boolean {
  return /^(MONOCHROME2|PALETTE COLOR)$/i.test(textsOf(dataSet, TAG.photometric)[0] ?? 'MONOCHROME2');
}

/** Return a frame with the median of the others in place of padding, so that padding decides nothing about them. */
function withoutPadding(frame: Values, isPadding: (pixel: number) => boolean): Values {
  const data = frame.data.slice() as Float32Array;
  const middle = median(Float32Array.from(data.filter((_, pixel) => !isPadding(pixel))));
  for (let pixel = 0; pixel < data.length; pixel++) if (isPadding(pixel)) data[pixel] = middle;
  return { ...frame, data };
}

/** Set padding to the darkest of the other pixels. */
function darken(pixels: Pixels, isPadding: (pixel: number) => boolean): void {
  let darkest = Number.POSITIVE_INFINITY;
  pixels.forEach((value, pixel) => {
    if (!isPadding(pixel)) darkest = Math.min(darkest, value);
  });
  for (let pixel = 0; pixel < pixels.length; pixel++) if (isPadding(pixel)) pixels[pixel] = darkest;
}

/** A whole body has 64 to 4096 rows; other spacings are in another unit. */
const LEAST_SPACING_MM = 0.05;
const MOST_SPACING_MM = 50;

/** Return the height and width of a pixel in millimetres, or null if the file does not give it. */
function spacingOf(dataSet: DataSet): [number, number] | null {
  for (const tag of [TAG.pixelSpacing, TAG.imagerPixelSpacing, TAG.scannedPixelSpacing]) {
    const [height = 0, width = 0, ...more] = numbersOf(dataSet, tag);
    if (!more.length && [height, width].every((side) => side >= LEAST_SPACING_MM && side <= MOST_SPACING_MM)) {
      return [height, width];
    }
  }
  return null;
}
