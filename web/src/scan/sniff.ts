/** What kind of file some bytes begin: the rules of `bonescan_yolo/scan/sniff.py`. */

import { MAGIC, MAGIC_OFFSET } from './dicom-prefix.ts';

/** What is read of a file to know its kind. */
export const HEAD_BYTES = 1024;

/**
 * `index`: of a DICOM medium, which lists files and has no image; `other-picture`: TIFF and BMP, which Python reads;
 * `drawing`: made of a scan by the command line.
 */
export type Kind = 'png' | 'drawing' | 'jpeg' | 'other-picture' | 'dicom' | 'index' | 'gzip' | 'zip';

const MEDIA_DIRECTORY = '\x02\0\x02\0UI\x14\x001.2.840.10008.1.3.10';
const FIRST_GROUPS = [0x0002, 0x0008];
const LONGEST_FIRST_ELEMENT = 1024;
const EXPLICIT = /^(AE|AS|CS|DA|DT|IS|LO|LT|OB|PN|SH|SQ|ST|TM|UI|UL|UN|US|UT)$/;
const PNG_MAGIC = '\x89PNG\r\n\x1a\n';
const DRAWN_CHUNK = 'tEXtDescription\0drawn by bonescan, not a scan';
const BMP_HEADER_SIZES = [12, 40, 52, 56, 64, 108, 124];
const MAGICS: [string, Kind][] = [
  [PNG_MAGIC, 'png'],
  ['\xff\xd8\xff', 'jpeg'],
  ['II*\0', 'other-picture'],
  ['MM\0*', 'other-picture'],
  ['\x1f\x8b\x08', 'gzip'],
  ['PK\x03\x04', 'zip'],
  ['PK\x05\x06', 'zip'],
];

/** Return what a file is by its first bytes, HEAD_BYTES of them if it has as many; null if it is nothing known. */
export function kindOf(bytes: Uint8Array): Kind | null {
  const head = bytes.subarray(0, HEAD_BYTES);
  const text = String.fromCharCode(...head);
  if (text.startsWith(MAGIC, MAGIC_OFFSET) || text.startsWith(MAGIC)) {
    return text.includes(MEDIA_DIRECTORY) ? 'index' : 'dicom';
  }
  if (text.startsWith(PNG_MAGIC) && text.includes(DRAWN_CHUNK)) return 'drawing';
  const found = MAGICS.find(([magic]) => text.startsWith(magic));
  if (found) return found[1];
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (beginsBmp(view, text)) return 'other-picture';
  return beginsDataSet(view, text) ? 'dicom' : null;
}

/** Whether bytes begin as BMP does; its two letters alone begin many texts. */
function beginsBmp(view: DataView, text: string): boolean {
  if (!text.startsWith('BM') || view.byteLength < 18) return false;
  return view.getUint32(6) === 0 && BMP_HEADER_SIZES.includes(view.getUint32(14, true));
}

/** Whether bytes begin as a DICOM data set without preamble, in any of the three plain encodings. */
function beginsDataSet(view: DataView, text: string): boolean {
  if (view.byteLength < 16) return false;
  const first = view.getUint16(0, true);
  const isExplicit = EXPLICIT.test(text.slice(4, 6));
  if (!FIRST_GROUPS.includes(first)) {
    return isExplicit && FIRST_GROUPS.includes(view.getUint16(0)) && view.getUint8(2) === 0;
  }
  if (isExplicit) return true;
  const length = view.getUint32(4, true);
  if (length > LONGEST_FIRST_ELEMENT || length % 2) return false;
  if (12 + length > view.byteLength) return true;
  const group = view.getUint16(8 + length, true);
  return group >= first && [...FIRST_GROUPS, 0x0010].includes(group);
}
