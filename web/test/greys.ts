/**
 * Reads scans as the page does, without a browser, for the comparison with Python in tests/web/test_grey_levels.py:
 * one line of JSON a file, with what is known about its scans and the hash of their grey levels. No JPEG, which needs
 * the browser's decoder.
 */

import { readFile } from 'node:fs/promises';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { reasonOf } from '../src/error.ts';
import { toGrey } from '../src/scan/grey.ts';
import { readScans } from '../src/scan/read.ts';

for (const path of process.argv.slice(2)) console.log(JSON.stringify(await describe(path)));

async function describe(path: string): Promise<object> {
  try {
    const { scans } = await readScans(new Blob([Uint8Array.from(await readFile(path))]), path);
    return {
      scans: scans.map(({ pixels, pixelSpacingMm, ...facts }) => ({
        ...facts,
        pixel_spacing_mm: pixelSpacingMm,
        grey: bytesToHex(sha256(toGrey(pixels).grey)),
      })),
    };
  } catch (error) {
    return { error: reasonOf(error) };
  }
}
