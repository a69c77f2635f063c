/** Runs one TypeScript file with arguments: node build/run.mjs test/greys.ts scan.png */

import { runInNode } from './for-node.mjs';

const [source, ...args] = process.argv.slice(2);
process.exitCode = await runInNode([source ?? ''], (bundles) => [...bundles, ...args]);
