import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Entry, groupStudies, scansOf } from '../../src/files/studies.ts';
import type { View } from '../../src/scan/names.ts';
import type { ScanReading } from '../../src/worker/protocol.ts';

function reading(view: View): ScanReading {
  const facts = {
    frame: 0,
    frameCount: 1,
    width: 256,
    height: 1024,
    inverted: false,
    turned: 0 as const,
    lossy: false,
    compressionRatio: null,
    notes: [],
    abnormalConfidence: 0,
  };
  return { ...facts, view, pixelSpacingMm: null, boxes: new Float32Array(), sites: null, doubts: [] };
}

function entry(id: number, path: string, scans?: ScanReading[], studyUid: string | null = null): Entry {
  const read = scans ? { sha256: '0'.repeat(64), studyUid, scans, refusals: [] } : null;
  const state = read ? 'read' : 'waiting';
  return { id, file: new File([], path), path, state, reading: read, error: null, refusals: [], isForced: false };
}

const idsOf = (entries: Entry[]) => groupStudies(entries).map((study) => study.entries.map(({ id }) => id));

test('files are paired by name, whatever their order, and only with the other view', () => {
  assert.deepEqual(idsOf([entry(1, '1_ant.png'), entry(2, '2_ant.png'), entry(3, '1_post.png')]), [[1, 3], [2]]);
  assert.deepEqual(idsOf([entry(1, '1_ant.png'), entry(2, '1-anterior.png'), entry(3, '1_post.png')]), [[1], [2, 3]]);
  assert.deepEqual(idsOf([entry(1, 'a/1_ant.png'), entry(2, 'b/1_post.png')]), [[1], [2]]);
  assert.deepEqual(idsOf([entry(1, '1.png'), entry(2, '1.png')]), [[1], [2]]);
});

test('DICOM files of one study are paired by it, whatever their names', () => {
  const [ant, post] = [[reading('anterior')], [reading('posterior')]];
  assert.deepEqual(idsOf([entry(1, 'IM1', post, '1.2'), entry(2, 'IM2', ant, '1.3'), entry(3, 'IM3', ant, '1.2')]), [
    [1, 3],
    [2],
  ]);
});

test('names divide a DICOM study that has several pairs, and never pair two studies', () => {
  const [ant, post] = [[reading('anterior')], [reading('posterior')]];
  const study = (uid: string) => [
    entry(1, 'ant_3h', ant, uid),
    entry(2, 'ant_24h', ant, uid),
    entry(3, 'post_3h', post, uid),
    entry(4, 'post_24h', post, uid),
  ];
  assert.deepEqual(idsOf(study('1.2')), [
    [1, 3],
    [2, 4],
  ]);
  assert.deepEqual(idsOf([entry(1, '7_ant', ant, '1.2'), entry(2, '7_post', post, '1.3')]), [[1], [2]]);
});

test('names with two dates are two studies', () => {
  assert.deepEqual(idsOf([entry(1, '7_20110816_ant.png'), entry(2, '7_20120301_post.png')]), [[1], [2]]);
});

test('a file with both views is a study of its own, and failed files are left out', () => {
  const both = entry(1, '1_ant.dcm', [reading('posterior'), reading('anterior')]);
  const failed: Entry = { ...entry(3, '3.png'), state: 'failed' };
  assert.deepEqual(idsOf([both, entry(2, '1_post.png'), failed]), [[1], [2]]);
  const [study] = groupStudies([both]);
  assert.deepEqual(study && scansOf(study).map((scan) => scan.reading.view), ['anterior', 'posterior']);
});
