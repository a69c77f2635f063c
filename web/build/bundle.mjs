/** Prints one TypeScript file as a script for a browser: node build/bundle.mjs test/in-browser.ts */

import * as esbuild from 'esbuild';

const { outputFiles } = await esbuild.build({
  entryPoints: [process.argv[2] ?? ''],
  bundle: true,
  write: false,
  platform: 'browser',
  format: 'iife',
  logLevel: 'warning',
});
process.stdout.write(outputFiles[0]?.text ?? '');
