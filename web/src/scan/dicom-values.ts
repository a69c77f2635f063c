/** Values of DICOM elements, also where they break the rules of their type: `bonescan_yolo/scan/dicom/dicom_values.py`. */

import type { DataSet } from 'dicom-parser';
import { TAG } from './dicom-tags.ts';

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Character sets (PS3.3, C.12.1.1.2) by the names that browsers have for them; all others are read as Latin-1. */
const CHARACTER_SETS: [RegExp, string][] = [
  [/ISO_IR 192/, 'utf-8'],
  [/GB18030/, 'gb18030'],
  [/GBK/, 'gbk'],
];

/** Return the values of an element as text without spaces around them; empty if it is missing or empty. */
export function textsOf(dataSet: DataSet, tag: string): string[] {
  const raw = trimmed(decoded(dataSet, tag, 'latin1'));
  return raw ? raw.split('\\').map(trimmed) : [];
}

/** Return an element as one text in the file's character set; '' if it is missing. */
export function textOf(dataSet: DataSet, tag: string, root: DataSet = dataSet): string {
  const named = textsOf(root, TAG.characterSet).join(' ');
  const label = CHARACTER_SETS.find(([name]) => name.test(named))?.[1];
  if (label) return trimmed(decoded(dataSet, tag, label));
  try {
    return trimmed(decoded(dataSet, tag, 'utf-8', true)); // writers forget to name it, and Latin-1 is hardly ever valid
  } catch {
    return trimmed(decoded(dataSet, tag, 'latin1'));
  }
}

/** Return the values of an element as numbers, NaN for each that is not one; a comma counts as a decimal point. */
export function numbersOf(dataSet: DataSet, tag: string): number[] {
  return textsOf(dataSet, tag).map((value) => {
    const plain = value.replaceAll(',', '.');
    return DECIMAL.test(plain) ? Number(plain) : Number.NaN;
  });
}

/** Return the 16-bit numbers of an element; empty if it is missing. */
export function shortsOf(dataSet: DataSet, tag: string): number[] {
  const length = (dataSet.elements[tag]?.length ?? 0) >> 1;
  return Array.from({ length }, (_, index) => dataSet.uint16(tag, index) ?? 0);
}

/** Return the items of a sequence. */
export function itemsOf(dataSet: DataSet, tag: string): DataSet[] {
  return (dataSet.elements[tag]?.items ?? []).flatMap((item) => item.dataSet ?? []);
}

/** Return the number of frames that a file declares; 1 if it does not say. */
export function frameCountOf(dataSet: DataSet): number {
  const [count = 1] = numbersOf(dataSet, TAG.frameCount);
  return Number.isFinite(count) ? Math.trunc(Math.max(count, 0)) || 1 : 1;
}

function decoded(dataSet: DataSet, tag: string, label: string, fatal = false): string {
  const element = dataSet.elements[tag];
  if (!element?.length) return '';
  const bytes = dataSet.byteArray.subarray(element.dataOffset, element.dataOffset + element.length);
  return new TextDecoder(label, { fatal }).decode(bytes);
}

function trimmed(value: string): string {
  return value.replace(/^[ \0]+|[ \0]+$/g, '');
}
