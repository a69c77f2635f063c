/**
 * Builds the page: one HTML file with everything inside.
 *
 *   node build/build.mjs --model ../weights/bonescan-app-int8.onnx --out dist/bonescan.html
 */

import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import { licencesOf } from './licences.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const WASM = 'onnxruntime-web/ort-wasm-simd-threaded.wasm';

const { values } = parseArgs({ options: { model: { type: 'string' }, out: { type: 'string' } } });
if (!values.model || !values.out) fail('usage: node build/build.mjs --model MODEL.onnx --out PAGE.html');

const model = await readFile(values.model).catch(() =>
  fail(`${values.model}: cannot be read; make it with \`make export\``),
);
const wasm = await readFile(createRequire(join(ROOT, 'package.json')).resolve(WASM));
const [page, worker] = await Promise.all([bundle('src/main.ts'), bundle('src/worker/worker.ts')]);
const style = await minifiedStyle();
const version = await packageVersion();

const html = fill(await readFile(join(ROOT, 'src/index.html'), 'utf8'), {
  policy: policyFor(page.code, style),
  style,
  version,
  page: page.code,
  worker: worker.code,
  licences: escapeData(
    JSON.stringify([await ownLicence(), ...(await licencesOf(ROOT, [...page.inputs, ...worker.inputs]))]),
  ),
  modelFile: escapeAttribute(basename(values.model)),
  model: pack(model),
  wasm: pack(wasm),
});
await writeWhole(resolve(values.out), html);
console.log(`${values.out}: ${(Buffer.byteLength(html) / 1e6).toFixed(1)} MB`);

/** Bundle a module and all it imports into one script; also return which files went in. */
async function bundle(entry) {
  const result = await esbuild.build({
    entryPoints: [join(ROOT, entry)],
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    minify: true,
    metafile: true,
    format: 'iife',
    target: 'es2022',
    legalComments: 'none', // the licence texts are in the page
    define: { 'import.meta.url': '"https://page.invalid/"' }, // onnxruntime needs some address, and loads nothing from it
    logLevel: 'warning',
  });
  const code = result.outputFiles[0].text.trim();
  if (/<\/script|<!--/i.test(code)) fail(`${entry}: its code would end the script element around it`);
  return { code, inputs: Object.keys(result.metafile.inputs) };
}

async function minifiedStyle() {
  const css = await readFile(join(ROOT, 'src/style.css'), 'utf8');
  return (await esbuild.transform(css, { loader: 'css', minify: true, target: 'es2022' })).code.trim();
}

/** The version of the Python package, of which the page is a part. */
async function packageVersion() {
  const source = await readFile(join(ROOT, '../bonescan_yolo/version.py'), 'utf8');
  return /__version__ = "(.+)"/.exec(source)?.[1] ?? fail('bonescan_yolo/version.py: has no version');
}

/** The licence of the page itself, in the form in which those of the packages are listed. */
async function ownLicence() {
  const text = await readFile(join(ROOT, '../LICENSE'), 'utf8');
  return { name: 'bonescan_yolo', version, licence: 'AGPL-3.0-or-later', text };
}

/**
 * What the page may do: run its own script and style, compile WebAssembly, start its worker, show its own pictures.
 * It may not open any connection.
 */
function policyFor(script, css) {
  return [
    "default-src 'none'",
    `script-src ${hashOf(script)} 'wasm-unsafe-eval'`,
    `style-src ${hashOf(css)}`,
    'worker-src blob:',
    'img-src blob: data:',
    "connect-src 'none'",
    "form-action 'none'",
    "base-uri 'none'",
  ].join('; ');
}

function hashOf(text) {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function pack(bytes) {
  return gzipSync(bytes, { level: 9 }).toString('base64');
}

function escapeData(text) {
  return text.replaceAll('<', '\\u003c');
}

function escapeAttribute(text) {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

function fill(template, parts) {
  return template.replace(/\{\{(\w+)\}\}/g, (_, name) => parts[name] ?? fail(`src/index.html: nothing fills ${name}`));
}

/** Write under a temporary name first, so that no half page is left. */
async function writeWhole(path, text) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.part`, text);
  await rename(`${path}.part`, path);
}

function fail(message) {
  console.error(`error: ${message}`);
  process.exit(2);
}
