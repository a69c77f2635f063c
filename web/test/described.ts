/** What is known about the scans of a file, in the words of `tests/shared/scan_cases.py`, with a hash of the grey levels. */

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { reasonOf } from '../src/error.ts';
import { toGrey } from '../src/scan/grey.ts';
import { readScans } from '../src/scan/read.ts';

export type Facts = Record<string, unknown>;
export type Described = { scans: Facts[] } | { error: string };

export async function describeFile(content: Uint8Array<ArrayBuffer>, path: string): Promise<Described> {
  try {
    const { scans, studyUid } = await readScans(new Blob([content]), path);
    return {
      scans: scans.map(({ pixels, pixelSpacingMm, compressionRatio, ...facts }) => ({
        ...facts,
        pixel_spacing_mm: pixelSpacingMm,
        compression_ratio: compressionRatio,
        study_uid: studyUid,
        grey_sha256: bytesToHex(sha256(toGrey(pixels).grey)),
      })),
    };
  } catch (error) {
    return { error: reasonOf(error) };
  }
}
