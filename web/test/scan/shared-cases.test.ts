/** The small made files of `tests/shared/scans` are read as Python reads them; `tests/shared/scan_cases.py` explains them. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { describeFile, type Facts } from '../described.ts';

const SCANS = join(process.cwd(), '..', 'tests', 'shared', 'scans');

interface Expected {
  scans?: Facts[];
  error?: string;
  page_error?: string;
  browser?: boolean;
}

for (const file of readdirSync(SCANS).filter((name) => name.endsWith('.json'))) {
  const expected: Expected = JSON.parse(readFileSync(join(SCANS, file), 'utf-8'));
  if (expected.browser) continue; // read in tests/web/test_shared_cases.py
  const name = file.replace(/\.json$/, '');
  test(`${name} is read as Python reads it`, async () => {
    const found = await describeFile(Uint8Array.from(readFileSync(join(SCANS, name))), name);
    const refusal = expected.page_error ?? expected.error;
    if (refusal !== undefined) {
      assert.ok('error' in found && found.error.includes(refusal), JSON.stringify(found));
      return;
    }
    assert.ok('scans' in found, JSON.stringify(found));
    const facts = expected.scans ?? [];
    assert.equal(found.scans.length, facts.length);
    for (const [index, scan] of found.scans.entries()) {
      const asked = Object.keys(facts[index] ?? {}).map((key) => [key, scan[key]]);
      assert.deepEqual(Object.fromEntries(asked), facts[index]);
    }
  });
}
