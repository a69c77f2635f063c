/** Runs the tests of single modules with Node's own test runner. */

import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNode } from './for-node.mjs';

const TESTS = join(dirname(dirname(fileURLToPath(import.meta.url))), 'test');

const sources = readdirSync(TESTS, { recursive: true }).filter((name) => name.endsWith('.test.ts'));
process.exitCode = await runInNode(
  sources.map((name) => join(TESTS, name)),
  (bundles) => ['--test', ...bundles],
);
