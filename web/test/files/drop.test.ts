import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { filesOfInput } from '../../src/files/drop.ts';

const SCANS = join(process.cwd(), '..', 'tests', 'shared', 'scans');

/** A file of the shared cases as a browser hands it over when a folder was chosen. */
function chosen(name: string, content: BlobPart): File {
  const file = new File([content], name);
  Object.defineProperty(file, 'webkitRelativePath', { value: `disc/${name}` });
  return file;
}

test('the scans in a folder are found by their content, whatever they are called', async () => {
  const scans = readdirSync(SCANS).filter((name) => !name.endsWith('.json'));
  const files = scans.map((name) => chosen(name, Uint8Array.from(readFileSync(join(SCANS, name)))));
  files.push(chosen('README.TXT', 'BM is not only a bitmap'), chosen('notes.txt.gz', '\x1f\x8b no gzip'));
  const found = await filesOfInput({ files } as unknown as HTMLInputElement);
  const paths = new Set(found.map(({ path }) => path.replace('disc/', '')));
  for (const name of ['1.2.840.113619.2.55.3.7', 'PNG0001', 'png_named.img', 'grey8_post.png.gz', 'jpeg_named.png']) {
    assert.ok(paths.has(name), name);
  }
  for (const name of ['DICOMDIR', 'README.TXT', 'notes.txt.gz', 'scans.zip', 'grey8.tif', 'rgb.bmp']) {
    assert.ok(!paths.has(name), name);
  }
});

test('what was chosen itself is kept, whatever it is', async () => {
  const files = [new File(['x'], 'notes.txt')];
  assert.equal((await filesOfInput({ files } as unknown as HTMLInputElement)).length, 1);
});
