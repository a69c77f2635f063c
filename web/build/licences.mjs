/** The licences of what is inside the page, found from the files that went into it. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Licences that may be part of an AGPL-3.0-or-later page; check a new one before adding it. */
const COMPATIBLE = new Set(['MIT', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'ISC', '0BSD']);

/** Packages whose compiled files are in the page without being seen by the bundler, by the package they come in. */
const COMPILED_IN = { 'onnxruntime-web': ['onnxruntime-common'] };

/** Copyright of packages whose archive has no licence file of its own, from their repositories. */
const HOLDERS = {
  'onnxruntime-web': 'Copyright (c) Microsoft Corporation',
  'onnxruntime-common': 'Copyright (c) Microsoft Corporation',
};

/**
 * Return name, version, licence and its text of each package, by name.
 *
 * @param {string} root folder with node_modules
 * @param {string[]} inputs files that the bundler read, relative to root
 */
export async function licencesOf(root, inputs) {
  const names = new Set();
  for (const input of inputs) {
    const match = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (match) names.add(match[1]);
  }
  for (const [name, parts] of Object.entries(COMPILED_IN))
    if (names.has(name)) for (const part of parts) names.add(part);
  return Promise.all([...names].sort().map((name) => licenceOf(root, name)));
}

async function licenceOf(root, name) {
  const folder = join(root, 'node_modules', name);
  const { version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  if (!COMPATIBLE.has(license)) throw new Error(`${name}: has licence ${license}; is it compatible with AGPL-3.0?`);
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
  const text = file ? await readFile(join(folder, file), 'utf8') : withoutFile(name, license);
  return { name, version, licence: license, text: text.trim() };
}

function withoutFile(name, license) {
  if (license !== 'MIT' || !HOLDERS[name]) throw new Error(`${name}: has no licence file; add its copyright holder`);
  return `${HOLDERS[name]}\n\n${MIT}`;
}

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
