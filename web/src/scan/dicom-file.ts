/** The bytes of a DICOM file as a data set: `bonescan_yolo/scan/dicom/dicom_file.py`. */

import { type DataSet, parseDicom } from 'dicom-parser';
import { BonescanError } from '../error.ts';
import { hasPrefix, MAGIC, MAGIC_OFFSET } from './dicom-prefix.ts';
import { TAG } from './dicom-tags.ts';

const IMPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2';
const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
const EXPLICIT_BIG_ENDIAN = '1.2.840.10008.1.2.2';
/** What all UIDs of the standard begin with; GE has a private encoding with pixels of the other byte order. */
const STANDARD = '1.2.840.10008.';
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

/** Value representations whose length takes four bytes, after two of nothing (PS3.5, 7.1.2). */
const LONG_TYPES = /^(OB|OD|OF|OL|OV|OW|SQ|SV|UC|UN|UR|UT|UV)$/;

/** A little-endian group number above this is one of the other byte order. */
const HIGHEST_FIRST_GROUP = 0x0400;

export interface ParsedFile {
  dataSet: DataSet;
  /** The byte order of everything after the header. */
  isBigEndian: boolean;
  /** The storage class that the header names, '' if it names none. */
  storageClass: string;
  /** What was wrong about the header, for the user. */
  notes: string[];
}

/** Return the data set in a file with or without preamble and header, after checking that its pixels are uncompressed. */
export function parseFile(bytes: Uint8Array<ArrayBuffer>, name: string): ParsedFile {
  const header = readHeader(bytes);
  const named = header.values[TAG.transferSyntax] ?? '';
  if (named === DEFLATED) refuseCompressed(DEFLATED, name);
  if (named && !named.startsWith(STANDARD)) {
    throw new BonescanError(`${name}: its pixels cannot be decoded (transfer syntax ${named}); export it uncompressed`);
  }
  const content = bytes.subarray(header.end);
  const isBigEndian = named === EXPLICIT_BIG_ENDIAN || shortAt(content, 0) >= HIGHEST_FIRST_GROUP;
  const isExplicit = /^[A-Z]{2}$/.test(lettersAt(content, 4));
  const bigOrLittle = isBigEndian ? EXPLICIT_BIG_ENDIAN : EXPLICIT_LITTLE_ENDIAN;
  const dataSet = parseDicom(content, { TransferSyntaxUID: isExplicit ? bigOrLittle : IMPLICIT_LITTLE_ENDIAN });
  const compression = compressionOf(named);
  const pixels = dataSet.elements[TAG.pixelData];
  const isInFragments =
    pixels && shortAt(content, pixels.dataOffset) === 0xfffe && shortAt(content, pixels.dataOffset + 2) === 0xe000;
  if (pixels?.hadUndefinedLength || isInFragments) refuseCompressed(named, name);
  const notes = compression && pixels ? ['pixels are not compressed, whatever the header says'] : [];
  return { dataSet, isBigEndian, storageClass: header.values[TAG.storageClassOfFile] ?? '', notes };
}

function refuseCompressed(syntax: string, name: string): never {
  throw new BonescanError(
    `${name}: is compressed DICOM (${compressionOf(syntax) ?? (syntax || 'unknown')}), which this page cannot decode; export it uncompressed`,
  );
}

function compressionOf(syntax: string): string | undefined {
  return COMPRESSIONS.find(([beginning]) => syntax.startsWith(beginning))?.[1];
}

/** Return the texts of the header (group 2, always explicit and little endian: PS3.10, 7.1) and where it ends. */
function readHeader(bytes: Uint8Array): { values: Record<string, string>; end: number } {
  const values: Record<string, string> = {};
  let place = 0;
  if (hasPrefix(bytes)) place = MAGIC_OFFSET + MAGIC.length;
  else if (lettersAt(bytes, 0, MAGIC.length) === MAGIC) place = MAGIC.length; // the preamble is left out
  while (shortAt(bytes, place) === 2 && /^[A-Z]{2}$/.test(lettersAt(bytes, place + 4))) {
    const isLong = LONG_TYPES.test(lettersAt(bytes, place + 4));
    const start = place + (isLong ? 12 : 8);
    const length = isLong
      ? shortAt(bytes, place + 8) + shortAt(bytes, place + 10) * 0x10000
      : shortAt(bytes, place + 6);
    const tag = `x0002${shortAt(bytes, place + 2)
      .toString(16)
      .padStart(4, '0')}`;
    values[tag] = lettersAt(bytes, start, length).replace(/[ \0]+$/, '');
    place = start + length;
  }
  return { values, end: place };
}

function shortAt(bytes: Uint8Array, place: number): number {
  return (bytes[place] ?? 0) + (bytes[place + 1] ?? 0) * 0x100;
}

function lettersAt(bytes: Uint8Array, place: number, count = 2): string {
  return new TextDecoder('latin1').decode(bytes.subarray(place, place + count));
}
