import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import shared from '../../../tests/shared/quality/cases.json';
import { decodePng } from '../../src/scan/png.ts';
import { assess } from '../../src/scan/quality.ts';
import { normalisePixels } from '../../src/scan/record.ts';

const FOLDER = join(process.cwd(), '..', 'tests', 'shared', 'quality');

for (const { file, codes, refused } of shared.cases) {
  test(`${file} is doubted as Python doubts it`, async () => {
    const values = await decodePng(new Uint8Array(readFileSync(join(FOLDER, file))), file);
    const { pixels } = normalisePixels(values, file);
    const doubts = assess({ pixels, width: values.width, height: values.height, pixelSpacingMm: null });
    assert.deepEqual(
      doubts.map((doubt) => doubt.code),
      codes,
    );
    assert.equal(
      doubts.some((doubt) => doubt.refuses),
      refused,
    );
  });
}
