/** TypeScript of the page for Node.js, which runs its tests. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import * as esbuild from 'esbuild';

/**
 * Bundle modules into a folder that is there for the time of a run of Node.js; return its exit status.
 *
 * @param {string[]} sources TypeScript files
 * @param {(bundles: string[]) => string[]} argumentsOf what Node.js is called with
 */
export async function runInNode(sources, argumentsOf) {
  const folder = mkdtempSync(join(tmpdir(), 'bonescan-web-'));
  try {
    await esbuild.build({
      entryPoints: sources,
      outdir: folder,
      entryNames: '[name]',
      outExtension: { '.js': '.mjs' },
      bundle: true,
      platform: 'browser', // the packages as they are in the page
      external: ['node:*'],
      format: 'esm',
      target: 'node20',
      sourcemap: 'inline',
      logLevel: 'warning',
    });
    const bundles = sources.map((source) => join(folder, basename(source).replace(/\.ts$/, '.mjs')));
    return spawnSync(process.execPath, argumentsOf(bundles), { stdio: 'inherit' }).status ?? 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
