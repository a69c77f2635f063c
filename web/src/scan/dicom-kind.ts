/** Whether a DICOM data set can hold planar scans; if not, why: `bonescan_yolo/scan/dicom/dicom_kind.py`. */

import type { DataSet } from 'dicom-parser';
import { BonescanError } from '../error.ts';
import type { ParsedFile } from './dicom-file.ts';
import { TAG } from './dicom-tags.ts';
import { frameCountOf, shortsOf, textsOf } from './dicom-values.ts';
import { checkSize } from './record.ts';

/** Nuclear medicine, and what secondary captures of it are filed under (other, secondary capture). */
const MODALITIES = ['NM', 'OT', 'SC'];

/** Two views in a few energy windows; dynamic and tomographic series have more. */
const MAX_FRAMES = 16;

/** The storage classes of nuclear medicine, the second is retired, and of secondary captures (PS3.6, A). */
const NUCLEAR = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.(20|5)$/;
const CAPTURE = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.7(\.[1-4])?$/;
const DICOMDIR = '1.2.840.10008.1.3.10';

/** Return a file's modality; the one that its storage class means if it names none, '' if neither does. */
export function modalityOf(file: ParsedFile): string {
  const named = (textsOf(file.dataSet, TAG.modality)[0] ?? '').toUpperCase();
  if (named) return named;
  const storage = storageClassOf(file);
  if (NUCLEAR.test(storage)) return 'NM';
  return CAPTURE.test(storage) ? 'SC' : '';
}

/** Refuse what holds no planar nuclear medicine. */
export function requirePlanarScan(file: ParsedFile, name: string): void {
  const { dataSet } = file;
  if ([TAG.rows, TAG.columns, TAG.pixelData].some((tag) => !(tag in dataSet.elements))) {
    const isIndex = storageClassOf(file) === DICOMDIR || TAG.directoryRecords in dataSet.elements;
    if (!isIndex && TAG.rows in dataSet.elements && TAG.columns in dataSet.elements) {
      throw new BonescanError(
        `${name}: is not a DICOM image, its pixel data is missing or cut off; export it again from its source`,
      );
    }
    throw new BonescanError(
      isIndex
        ? `${name}: is the index of a DICOM medium; give the folder that it is in`
        : `${name}: is not a DICOM image; give a whole-body bone scan (NM)`,
    );
  }
  const modality = modalityOf(file);
  if (!MODALITIES.includes(modality)) {
    const named = modality ? `modality ${modality}` : 'unknown modality';
    throw new BonescanError(`${name}: is DICOM of ${named}; give a planar bone scan (NM)`);
  }
  const count = frameCountOf(dataSet);
  refuseSeries(dataSet, count, name);
  if (count > MAX_FRAMES) {
    throw new BonescanError(`${name}: has ${count} frames; give a planar scan with one frame per view`);
  }
  if (!(TAG.bitsAllocated in dataSet.elements)) {
    throw new BonescanError(`${name}: is damaged DICOM (BitsAllocated is missing); export it again from its source`);
  }
  checkSize(dataSet.uint16(TAG.columns) ?? 0, (dataSet.uint16(TAG.rows) ?? 0) * count, name);
}

/** Refuse tomographic, dynamic and gated series and transmission scans (Image Type: PS3.3, C.8.4.9.1.1). */
function refuseSeries(dataSet: DataSet, count: number, name: string): void {
  const parts = textsOf(dataSet, TAG.imageType).map((part) => part.toUpperCase());
  if (parts.some((part) => part.includes('TOMO'))) {
    throw new BonescanError(`${name}: is tomographic (SPECT); give the planar whole-body scan`);
  }
  if (parts.includes('TRANSMISSION')) {
    throw new BonescanError(`${name}: is a transmission scan; give the planar whole-body scan`);
  }
  const repeats = [TAG.phaseVector, TAG.timeSlotVector, TAG.timeSliceVector].some(
    (tag) => new Set(shortsOf(dataSet, tag)).size > 1,
  );
  const kind = parts.includes('GATED') ? 'gated' : parts.includes('DYNAMIC') || repeats ? 'dynamic' : '';
  if (!kind) return;
  const frames = count > 1 ? `${count} frames` : '1 frame';
  throw new BonescanError(`${name}: is a ${kind} series of ${frames}; give the whole-body scan`);
}

function storageClassOf(file: ParsedFile): string {
  return textsOf(file.dataSet, TAG.storageClass)[0] ?? file.storageClass;
}
