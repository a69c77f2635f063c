/** The one reader of scans, which hands a file to the right decoder: `bonescan_yolo/scan/read.py`. */

import { BonescanError } from '../error.ts';
import { TRANSPARENT_NOTE } from './colour.ts';
import { decodeDicom } from './dicom.ts';
import { hasSuffix } from './dicom-prefix.ts';
import { unpackGzip } from './gzip.ts';
import { decodeJpeg } from './jpeg.ts';
import { viewOfPath } from './names.ts';
import { setUpright } from './orientation.ts';
import { decodePng } from './png.ts';
import { AS_STORED, normalisePixels, type Scan } from './record.ts';
import { type Kind, kindOf } from './sniff.ts';
import { fixWraparound } from './wraparound.ts';

/** 1 GiB; a whole-body scan has half a megabyte. */
const MAX_FILE_BYTES = 2 ** 30;

/** What to do with files that are not scans, or that this page does not read. */
const WHAT_TO_DO: Partial<Record<Kind, string>> = {
  drawing: 'is a picture that bonescan made of a scan, not a scan; give the scan itself',
  index: 'is the index of a DICOM medium and has no image; give the folder it is in',
  zip: 'is a zip archive, which the command line reads and this page does not; unpack it and open its folder',
  gzip: 'is packed by gzip twice; unpack it first',
  'other-picture': 'is TIFF or BMP, which the command line reads and this page does not; give PNG',
};

export interface ScanFile {
  bytes: Uint8Array<ArrayBuffer>;
  /** One per frame, in the file's order. */
  scans: Scan[];
  studyUid: string | null;
}

/**
 * Read every scan in a file: PNG of up to 16 bit, JPEG, or uncompressed DICOM of nuclear medicine, also packed by gzip.
 *
 * What the file is follows from its content, whatever it is called.
 */
export async function readScans(file: Blob, path: string): Promise<ScanFile> {
  const bytes = await readBytes(file, path);
  const content = kindOf(bytes) === 'gzip' ? await unpackGzip(bytes, path) : bytes;
  const kind = kindOf(content);
  const isDicom = kind === 'dicom' || (!kind && hasSuffix(path.replace(/\.gz$/i, '')));
  const { scans, studyUid } = isDicom ? decodeDicom(content, path) : await decodePicture(content, path, kind);
  const named = scans.length === 1 ? viewOfPath(path) : null;
  return { bytes, studyUid, scans: scans.map((scan) => withViewOf(scan, named)) };
}

/** Return a scan with the view that its name states if its file states none, and a note if the two differ. */
function withViewOf(scan: Scan, named: Scan['view']): Scan {
  if (!scan.view || !named || scan.view === named) return { ...scan, view: scan.view ?? named };
  const note = `view is ${scan.view} as the file says, though its name says ${named}`;
  return { ...scan, notes: [...scan.notes, note] };
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

async function decodePicture(
  bytes: Uint8Array<ArrayBuffer>,
  path: string,
  kind: Kind | null,
): Promise<{ scans: Scan[]; studyUid: null }> {
  if (kind !== 'png' && kind !== 'jpeg') {
    const what = kind && WHAT_TO_DO[kind];
    throw new BonescanError(`${path}: ${what ?? 'is not a picture that can be read; give PNG, JPEG or DICOM'}`);
  }
  const picture = kind === 'png' ? decodePng(bytes, path) : await decodeJpeg(bytes, path);
  const { pixels, inverted } = normalisePixels(picture, path);
  const { width, height } = picture;
  const facts = { ...AS_STORED, view: null, pixelSpacingMm: null, inverted, lossy: kind === 'jpeg' };
  const scan = setUpright({ ...facts, pixels, width, height }, picture.orientation);
  const notes = picture.transparent ? [...scan.notes, TRANSPARENT_NOTE] : scan.notes;
  return { scans: [withWrapsFixed({ ...scan, notes })], studyUid: null };
}

/** Return a scan of 8-bit grey levels with what wrapped past 255 fixed and a note that says so; any other unchanged. */
function withWrapsFixed(scan: Scan): Scan {
  if (!(scan.pixels instanceof Uint8Array)) return scan;
  const { levels, regions } = fixWraparound(scan.pixels, scan.width, scan.height);
  if (!regions) return scan;
  const note = `grey levels past 255 wrapped in ${regions} ${regions === 1 ? 'hot spot' : 'hot spots'}; fixed`;
  return { ...scan, pixels: levels, notes: [...scan.notes, note] };
}
