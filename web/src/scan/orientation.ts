/** Which way up a picture is stored: the table of `bonescan_yolo/scan/orientation.py`. */

import { type Scan, turnScan } from './record.ts';

/** What makes a stored picture upright: mirror it left to right if it is mirrored, then turn it clockwise. */
export interface Orientation {
  mirrored: boolean;
  turn: Scan['turned'];
}

export const UPRIGHT: Orientation = { mirrored: false, turn: 0 };

/** By the values of Exif (CIPA DC-008, 4.6.4). */
const EXIF: Record<number, Orientation> = {
  2: { mirrored: true, turn: 0 },
  3: { mirrored: false, turn: 180 },
  4: { mirrored: true, turn: 180 },
  5: { mirrored: true, turn: 270 },
  6: { mirrored: false, turn: 90 },
  7: { mirrored: true, turn: 90 },
  8: { mirrored: false, turn: 270 },
};

const ORIENTATION = 274;
const ENTRY_BYTES = 12;
const LITTLE_ENDIAN = 0x4949;
const BIG_ENDIAN = 0x4d4d;
const SHORT = 3;
const LONG = 4;

/** `Exif` and two zeros, with which the block begins in JPEG, and in PNG of some programs. */
const PREFIX = [0x45, 0x78, 0x69, 0x66, 0, 0];

/** Return the orientation in an Exif block, which is a TIFF file (TIFF 6.0, section 2); broken ones have none. */
export function exifOrientation(block: Uint8Array): Orientation {
  if (PREFIX.every((byte, place) => block[place] === byte)) return exifOrientation(block.subarray(PREFIX.length));
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  try {
    const order = view.getUint16(0);
    const little = order === LITTLE_ENDIAN;
    if ((!little && order !== BIG_ENDIAN) || view.getUint16(2, little) !== 42) return UPRIGHT;
    const start = view.getUint32(4, little);
    const count = view.getUint16(start, little);
    for (let place = start + 2; place < start + 2 + count * ENTRY_BYTES; place += ENTRY_BYTES) {
      if (view.getUint16(place, little) !== ORIENTATION || view.getUint32(place + 4, little) !== 1) continue;
      const type = view.getUint16(place + 2, little);
      if (type === SHORT) return EXIF[view.getUint16(place + 8, little)] ?? UPRIGHT;
      if (type === LONG) return EXIF[view.getUint32(place + 8, little)] ?? UPRIGHT;
    }
  } catch {
    // it ends too early
  }
  return UPRIGHT;
}

/** Return a scan mirrored and turned as its orientation asks, and said so. */
export function setUpright(scan: Scan, { mirrored, turn }: Orientation): Scan {
  const notes = [...scan.notes];
  if (mirrored) notes.push("mirrored left to right, as the file's orientation says");
  if (turn) notes.push(`turned by ${turn} degrees clockwise, as the file's orientation says`);
  return turnScan({ ...scan, pixels: mirrored ? mirror(scan) : scan.pixels, notes }, turn);
}

function mirror({ pixels, width }: Scan): Scan['pixels'] {
  const mirrored = pixels.slice();
  for (let start = 0; start < mirrored.length; start += width) mirrored.subarray(start, start + width).reverse();
  return mirrored;
}
