/** Sites of boxes: the cases shared with Python, and what becomes of them in the table's boxes and in the JSON. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import table from '../../../tests/shared/sites.json';
import { describe } from '../../src/files/save.ts';
import type { Entry } from '../../src/files/studies.ts';
import type { BoneMap, BoxSite } from '../../src/model/box-sites.ts';
import { boxesOf } from '../../src/model/boxes.ts';
import type { ModelCard } from '../../src/model/card.ts';
import { BONES, REGIONS, type Region } from '../../src/model/region-names.ts';
import { boneMapOf, sitesOnScan } from '../../src/model/scan-sites.ts';
import { siteText } from '../../src/model/site-words.ts';
import type { View } from '../../src/scan/names.ts';
import type { ScanReading } from '../../src/worker/protocol.ts';

const [ROWS, COLUMNS] = [256, 64];
const BOTH = { abnormal: 0.05, normal: 0.05 };

type Span = [number, number];

function mapOf(patches: [string, Span, Span, number][]): BoneMap {
  const data = new Uint8Array(BONES.length * ROWS * COLUMNS);
  for (const [key, [top, bottom], [left, right], value] of patches) {
    const bone = table.bones.indexOf(key);
    for (let row = top; row < Math.min(bottom, ROWS); row++) {
      const start = (bone * ROWS + row) * COLUMNS;
      data.fill(value, start + left, start + Math.min(right, COLUMNS));
    }
  }
  const map = boneMapOf(data, [BONES.length, ROWS, COLUMNS]);
  assert.ok(map);
  return map;
}

const rowsOf = (boxes: number[][]) => Float32Array.from(boxes.flatMap((box) => [...box, 0.9, 0]));

test('the layers of a map are in the order of the table shared with Python', () => {
  const keys = BONES.map(({ region, number }) => [REGIONS[region]?.name, ...(number ? [number] : [])].join('_'));
  assert.deepEqual(keys, table.bones);
});

test('sites are those of the table shared with Python', () => {
  for (const { name, size, view, map, boxes, sites } of table.sites) {
    const [height = 0, width = 0] = size;
    const patches = map as unknown as [string, Span, Span, number][];
    const found = sitesOnScan(mapOf(patches), rowsOf(boxes), { width, height, view: view as View | null });
    assert.equal(found?.length, sites.length);
    for (const [index, site] of sites.entries()) {
      const own: BoxSite | null | undefined = found?.[index];
      const message = `${name} ${view} ${index}`;
      if (!site) assert.equal(own, null, message);
      else {
        assert.deepEqual([own?.region.name, own?.number], [site.region, site.number], message);
        assert.ok(Math.abs((own?.share ?? 0) - site.share) < 1e-6, message);
      }
    }
  }
});

test('the words are those of the table shared with Python', () => {
  for (const { region, number, view, text } of table.texts) {
    const found = REGIONS.find(({ name }) => name === region) as Region;
    assert.equal(siteText(found, number, view as View | null), text);
  }
});

test('an output without cells is no map', () => {
  assert.equal(boneMapOf(new Uint8Array(), [66, 0, 0]), null);
  assert.equal(boneMapOf(new Uint8Array(12), [3, 2, 2]), null);
  assert.equal(sitesOnScan(null, rowsOf([[0, 0, 1, 1]]), { width: 256, height: 1024, view: null }), null);
});

const RIB: BoxSite = { region: REGIONS.find(({ name }) => name === 'left_ribs') as Region, number: 7, share: 0.634 };

test('a box keeps its site whatever threshold hides others', () => {
  const boxes = Float32Array.of(0, 0, 1, 1, 0.9, 1, 0, 0, 1, 1, 0.5, 0, 2, 2, 3, 3, 0.4, 1);
  const found = { boxes, pixelSpacingMm: null, sites: [null, RIB, null] };
  assert.deepEqual(
    boxesOf(found, { abnormal: 0.3, normal: 0.95 }).map(({ site }) => site),
    [RIB],
  );
  assert.deepEqual(
    boxesOf({ ...found, sites: null }, BOTH).map(({ site }) => site),
    [null, null, null],
  );
});

test('the JSON has the site of each box, and whether the model gives sites', () => {
  const model = { file: 'm.onnx', sha256: '0'.repeat(64), card: {} as ModelCard, floor: 0.05 };
  const described = (sites: (BoxSite | null)[] | null, view: View | null) => {
    const boxes = Float32Array.of(0, 0, 1, 1, 0.9, 0, 0, 0, 1, 1, 0.5, 0);
    const reading = { boxes, sites, view, pixelSpacingMm: null, doubts: [], abnormalConfidence: 0 };
    const entry = { path: '1.png', reading: null } as Entry;
    return describe({ entry, reading: reading as unknown as ScanReading }, model, BOTH) as {
      model: { gives_sites: boolean };
      detections: { site: object | null }[];
    };
  };
  const found = described([RIB, null], 'posterior');
  assert.equal(found.model.gives_sites, true);
  assert.deepEqual(
    found.detections.map(({ site }) => site),
    [
      {
        region: 'left_ribs',
        part: 'ribs',
        side: 'left',
        number: 7,
        share: 0.63,
        text: 'left seventh rib, posterior',
      },
      null,
    ],
  );
  const unknown = described(null, null);
  assert.equal(unknown.model.gives_sites, false);
  assert.deepEqual(
    unknown.detections.map(({ site }) => site),
    [null, null],
  );
});
