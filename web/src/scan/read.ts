/** The one reader of scans, which hands a file to the right decoder: `bonescan_yolo/scan/read.py`. */

import { BonescanError } from '../error.ts';
import { decodeDicom } from './dicom.ts';
import { isDicom } from './dicom-prefix.ts';
import { decodeJpeg, isJpeg } from './jpeg.ts';
import { viewOfPath } from './names.ts';
import { decodePng, isPng } from './png.ts';
import { normalisePixels, type Scan, type Values } from './record.ts';
import { fixWraparound } from './wraparound.ts';

/** 1 GiB; a whole-body scan has half a megabyte. */
const MAX_FILE_BYTES = 2 ** 30;

/** What TIFF (both byte orders) and BMP begin with. */
const PYTHON_ONLY = /^(II\*\0|MM\0\*|BM)/;

export interface ScanFile {
  bytes: Uint8Array<ArrayBuffer>;
  /** One per frame, in the file's order. */
  scans: Scan[];
  studyUid: string | null;
}

/** Read every scan in a file: PNG of up to 16 bit, JPEG, or uncompressed DICOM of nuclear medicine. */
export async function readScans(file: Blob, path: string): Promise<ScanFile> {
  const bytes = await readBytes(file, path);
  const { scans, studyUid } = isDicom(bytes, path) ? decodeDicom(bytes, path) : await decodePicture(bytes, path);
  const named = scans.length === 1 ? viewOfPath(path) : null;
  return { bytes, studyUid, scans: scans.map((scan) => ({ ...scan, view: scan.view ?? named })) };
}

/** Return a file's bytes. A BonescanError says why if it cannot be read. */
export async function readBytes(file: Blob, path: string): Promise<Uint8Array<ArrayBuffer>> {
  if (file.size > MAX_FILE_BYTES) {
    throw new BonescanError(
      `${path}: has ${Math.round(file.size / 2 ** 20)} MiB, too large for a scan; give a single scan`,
    );
  }
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch {
    throw new BonescanError(`${path}: cannot be read any more; was it moved or changed? Open it again`);
  }
  if (!bytes.length) throw new BonescanError(`${path}: is empty; copy it again from its source`);
  return bytes;
}

async function decodePicture(bytes: Uint8Array<ArrayBuffer>, path: string): Promise<{ scans: Scan[]; studyUid: null }> {
  const values = await decodeValues(bytes, path);
  const { pixels: stored, inverted } = normalisePixels(values, path);
  const { width, height } = values;
  const pixels = stored instanceof Uint8Array ? fixWraparound(stored, width, height).levels : stored;
  return { scans: [{ pixels, width, height, view: null, pixelSpacingMm: null, inverted }], studyUid: null };
}

async function decodeValues(bytes: Uint8Array<ArrayBuffer>, path: string): Promise<Values> {
  if (isPng(bytes)) return decodePng(bytes, path);
  if (isJpeg(bytes)) return decodeJpeg(bytes, path);
  if (PYTHON_ONLY.test(String.fromCharCode(...bytes.subarray(0, 4)))) {
    throw new BonescanError(`${path}: is TIFF or BMP, which the command line reads and this page does not; give PNG`);
  }
  throw new BonescanError(`${path}: is not a picture that can be read; give PNG, JPEG or DICOM`);
}
