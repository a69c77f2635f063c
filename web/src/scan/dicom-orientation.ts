/** Which way up a DICOM image is, and turning it: `bonescan_yolo/scan/dicom/dicom_orientation.py`. */

import type { DataSet } from 'dicom-parser';
import { TAG } from './dicom-tags.ts';
import { itemsOf, numbersOf, textsOf } from './dicom-values.ts';

export type Turn = 0 | 90 | 180 | 270;

/** Least cosine of a direction along the body; a standard view has 1. */
const NEARLY_ONE = 0.9;

/** Return the degrees clockwise by which to turn the image so that the head is up; 0 if the file does not say. */
export function turnOf(dataSet: DataSet): Turn {
  return turnByLetters(textsOf(dataSet, TAG.patientOrientation)) || turnByCosines(dataSet);
}

/** Patient Orientation (PS3.3, C.7.6.1.1.1): the letters of where a row leads to, and of where a column does. */
function turnByLetters(directions: string[]): Turn {
  if (directions.length !== 2) return 0;
  const [row, column] = directions.map((direction) => direction.charAt(0).toUpperCase());
  if (column === 'F' || column === 'H') return column === 'H' ? 180 : 0;
  return row === 'F' ? 90 : row === 'H' ? 270 : 0;
}

/** Image Orientation (PS3.3, C.7.6.2.1.1): direction cosines, whose third is positive towards the head. */
function turnByCosines(dataSet: DataSet): Turn {
  const found = [dataSet, ...itemsOf(dataSet, TAG.detectors)]
    .map((item) => numbersOf(item, TAG.imageOrientation))
    .find((cosines) => cosines.length === 6);
  const [, , row = 0, , , column = 0] = found ?? [];
  if (column >= NEARLY_ONE) return 180;
  if (row <= -NEARLY_ONE) return 90;
  return row >= NEARLY_ONE ? 270 : 0;
}
