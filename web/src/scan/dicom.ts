/** Planar nuclear medicine scans in uncompressed DICOM, parsed by dicom-parser; the rules of `bonescan_yolo/scan/dicom.py`. */

import { type DataSet, parseDicom } from 'dicom-parser';
import { BonescanError, reasonOf } from '../error.ts';
import { decodeFrames } from './dicom-pixels.ts';
import { hasPrefix } from './dicom-prefix.ts';
import { type View, viewIn } from './names.ts';
import { AS_STORED, checkSize, normalisePixels, type Scan } from './record.ts';

/** Nuclear medicine, and what secondary captures of it are filed under (other, secondary capture). */
const MODALITIES = ['NM', 'OT', 'SC'];

/** Two views in a few energy windows; dynamic and tomographic series have more. */
const MAX_FRAMES = 16;

/** Photon energy of technetium-99m, the label of bone tracers. */
const TC99M_KEV = 140.5;

const IMPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2';
const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
const EXPLICIT_BIG_ENDIAN = '1.2.840.10008.1.2.2';
const UNCOMPRESSED = [IMPLICIT_LITTLE_ENDIAN, EXPLICIT_LITTLE_ENDIAN, EXPLICIT_BIG_ENDIAN];
const DEFLATED = '1.2.840.10008.1.2.1.99';

/** Beginnings of transfer syntaxes (PS3.6, annex A) and what they are called. */
const COMPRESSIONS: [string, string][] = [
  ['1.2.840.10008.1.2.4.20', 'High-throughput JPEG 2000'],
  ['1.2.840.10008.1.2.4.5', 'JPEG'],
  ['1.2.840.10008.1.2.4.7', 'lossless JPEG'],
  ['1.2.840.10008.1.2.4.8', 'JPEG-LS'],
  ['1.2.840.10008.1.2.4.9', 'JPEG 2000'],
  ['1.2.840.10008.1.2.5', 'RLE'],
  [DEFLATED, 'deflated'],
];

const TAG = {
  transferSyntax: 'x00020010',
  imageType: 'x00080008',
  modality: 'x00080060',
  codeMeaning: 'x00080104',
  seriesDescription: 'x0008103e',
  imagerPixelSpacing: 'x00181164',
  viewPosition: 'x00185101',
  studyInstance: 'x0020000d',
  imageComments: 'x00204000',
  samplesPerPixel: 'x00280002',
  photometric: 'x00280004',
  frameCount: 'x00280008',
  rows: 'x00280010',
  columns: 'x00280011',
  pixelSpacing: 'x00280030',
  energyWindowVector: 'x00540010',
  energyWindows: 'x00540012',
  energyRanges: 'x00540013',
  energyLower: 'x00540014',
  energyUpper: 'x00540015',
  detectorVector: 'x00540020',
  detectors: 'x00540022',
  viewCodes: 'x00540220',
  imageId: 'x00540400',
  pixelData: 'x7fe00010',
} as const;

export interface DicomFile {
  scans: Scan[];
  /** UID of the study instance, null if the file has none. */
  studyUid: string | null;
}

/** Return the scans in the bytes of a DICOM file: one per frame of the photopeak window. */
export function decodeDicom(bytes: Uint8Array<ArrayBuffer>, name: string): DicomFile {
  try {
    const dataSet = parse(bytes, name);
    const frames = decodeFrames(dataSet, name, dataSet.string(TAG.transferSyntax) === EXPLICIT_BIG_ENDIAN);
    const hotIsDark = isCounts(dataSet) ? false : null;
    const scans = photopeakFrames(dataSet, frames.length).map((index): Scan => {
      const frame = frames[index] as (typeof frames)[number];
      const { pixels, inverted } = normalisePixels(frame, name, hotIsDark);
      const { width, height } = frame;
      const facts = { view: viewOf(dataSet, index), pixelSpacingMm: spacingOf(dataSet), inverted };
      return { ...AS_STORED, pixels, width, height, ...facts };
    });
    return { scans, studyUid: dataSet.string(TAG.studyInstance) ?? null };
  } catch (error) {
    if (error instanceof BonescanError) throw error;
    throw new BonescanError(`${name}: is damaged DICOM (${reasonOf(error)}); export it again from its source`);
  }
}

/** Return the data set after checking that it has planar scans that can be decoded here. */
function parse(bytes: Uint8Array<ArrayBuffer>, name: string): DataSet {
  const dataSet = parseBytes(bytes, name);
  if ([TAG.rows, TAG.columns, TAG.pixelData].some((tag) => !(tag in dataSet.elements))) {
    throw new BonescanError(`${name}: is not a DICOM image; give a whole-body bone scan (NM)`);
  }
  const modality = dataSet.string(TAG.modality);
  if (!modality || !MODALITIES.includes(modality)) {
    throw new BonescanError(`${name}: is DICOM of modality ${modality ?? 'unknown'}; give a planar bone scan (NM)`);
  }
  if (dataSet.string(TAG.imageType)?.toUpperCase().includes('TOMO')) {
    throw new BonescanError(`${name}: is tomographic (SPECT); give the planar whole-body scan`);
  }
  if ((dataSet.uint16(TAG.samplesPerPixel) ?? 1) !== 1) {
    throw new BonescanError(`${name}: is a colour picture; give the grey scan it was made from`);
  }
  const count = frameCountOf(dataSet);
  if (count > MAX_FRAMES) {
    throw new BonescanError(`${name}: has ${count} frames; give a planar scan with one frame per view`);
  }
  refuseCompressed(dataSet.string(TAG.transferSyntax) ?? IMPLICIT_LITTLE_ENDIAN, name);
  checkSize(dataSet.uint16(TAG.columns) ?? 0, (dataSet.uint16(TAG.rows) ?? 0) * count, name);
  return dataSet;
}

function parseBytes(bytes: Uint8Array<ArrayBuffer>, name: string): DataSet {
  if (!hasPrefix(bytes)) {
    const second = String.fromCharCode(bytes[4] ?? 0, bytes[5] ?? 0);
    const syntax = /^[A-Z]{2}$/.test(second) ? EXPLICIT_LITTLE_ENDIAN : IMPLICIT_LITTLE_ENDIAN;
    return parseDicom(bytes, { TransferSyntaxUID: syntax });
  }
  try {
    return parseDicom(bytes);
  } catch (error) {
    if (/inflat/i.test(reasonOf(error))) refuseCompressed(DEFLATED, name);
    throw error;
  }
}

function refuseCompressed(syntax: string, name: string): void {
  if (UNCOMPRESSED.includes(syntax)) return;
  const known = COMPRESSIONS.find(([beginning]) => syntax.startsWith(beginning));
  throw new BonescanError(
    `${name}: is compressed DICOM (${known?.[1] ?? syntax}), which this page cannot decode; export it uncompressed`,
  );
}

function frameCountOf(dataSet: DataSet): number {
  return dataSet.intString(TAG.frameCount) || 1;
}

/** Whether values are counts, hot is high; a secondary capture, or MONOCHROME1, may show anything. */
function isCounts(dataSet: DataSet): boolean {
  return dataSet.string(TAG.modality) === 'NM' && dataSet.string(TAG.photometric) === 'MONOCHROME2';
}

/**
 * Return the indices of the frames in the energy window of technetium-99m; all if the file does not describe windows.
 *
 * A camera may store a scatter window beside the photopeak; those frames are blurred copies, not further views.
 */
function photopeakFrames(dataSet: DataSet, count: number): number[] {
  const all = Array.from({ length: count }, (_, index) => index);
  const windows = vectorOf(dataSet, TAG.energyWindowVector) ?? all.map(() => 1);
  const holdingPeak = itemsOf(dataSet, TAG.energyWindows).map((window) =>
    itemsOf(window, TAG.energyRanges).some((range) => {
      const lower = range.floatString(TAG.energyLower);
      const upper = range.floatString(TAG.energyUpper);
      return lower !== undefined && upper !== undefined && lower <= TC99M_KEV && TC99M_KEV <= upper;
    }),
  );
  const chosen = all.filter((index) => holdingPeak[(windows[index] ?? 0) - 1]);
  return chosen.length ? chosen : all;
}

/** Return the view of a frame: from its detector's view code, else from the texts that name the image. */
function viewOf(dataSet: DataSet, index: number): View | null {
  const detectors = itemsOf(dataSet, TAG.detectors);
  const detector = detectors[detectorNumberOf(dataSet, index, detectors.length) - 1];
  for (const code of detector ? itemsOf(detector, TAG.viewCodes) : []) {
    const view = viewIn(code.string(TAG.codeMeaning) ?? '');
    if (view) return view;
  }
  if (frameCountOf(dataSet) > 1) return null; // the texts below are about the whole file
  for (const tag of [TAG.viewPosition, TAG.seriesDescription, TAG.imageId, TAG.imageComments]) {
    const view = viewIn(dataSet.string(tag) ?? '');
    if (view) return view;
  }
  return null;
}

/**
 * Return the number, from 1, of the detector that took a frame; 0 where the file does not name it.
 *
 * The detector vector has the number, but many files lack it. The detectors listed are then still those that the frames
 * differ by, and the frames of an energy window are in their order (PS3.3, C.8.4.8.1.1 and C.8.4.8.1.3): where a window has
 * as many frames as there are detectors, its frame n is of detector n. Frames of several windows without the window
 * vector, and other numbers of frames, stay unknown: they may be stored in any order.
 */
function detectorNumberOf(dataSet: DataSet, index: number, detectorCount: number): number {
  const vector = vectorOf(dataSet, TAG.detectorVector);
  if (vector) return vector[index] ?? 0;
  const all = Array.from({ length: frameCountOf(dataSet) }, (_, frame) => frame);
  const windows = vectorOf(dataSet, TAG.energyWindowVector) ?? all.map(() => 1);
  if (windows.length !== all.length) return 0;
  const sameWindow = all.filter((frame) => windows[frame] === windows[index]);
  return sameWindow.length === detectorCount ? sameWindow.indexOf(index) + 1 : 0;
}

/**
 * Return a frame vector (PS3.3, C.8.4.8): for each frame the number, from 1, of its detector or window.
 *
 * It is null where the file has none, or an empty one.
 */
function vectorOf(dataSet: DataSet, tag: string): number[] | null {
  const element = dataSet.elements[tag];
  if (!element?.length) return null;
  return Array.from({ length: element.length / 2 }, (_, index) => dataSet.uint16(tag, index) ?? 0);
}

function itemsOf(dataSet: DataSet, tag: string): DataSet[] {
  return (dataSet.elements[tag]?.items ?? []).flatMap((item) => item.dataSet ?? []);
}

/** Return the height and width of a pixel in millimetres, or null if the file does not give it. */
function spacingOf(dataSet: DataSet): [number, number] | null {
  const tag = dataSet.string(TAG.pixelSpacing) ? TAG.pixelSpacing : TAG.imagerPixelSpacing;
  if (dataSet.numStringValues(tag) !== 2) return null;
  const height = dataSet.floatString(tag, 0) ?? 0;
  const width = dataSet.floatString(tag, 1) ?? 0;
  return Math.min(height, width) > 0 && Number.isFinite(height + width) ? [height, width] : null;
}
