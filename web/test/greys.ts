/**
 * Reads scans as the page does, without a browser, for the comparison with Python in tests/web/test_grey_levels.py:
 * one line of JSON a file, with what is known about its scans and the hash of their grey levels. No JPEG, which needs
 * the browser's decoder.
 */

import { readFile } from 'node:fs/promises';
import { describeFile } from './described.ts';

for (const path of process.argv.slice(2)) {
  console.log(JSON.stringify(await describeFile(Uint8Array.from(await readFile(path)), path)));
}
