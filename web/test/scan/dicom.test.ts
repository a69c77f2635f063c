import assert from 'node:assert/strict';
import { test } from 'node:test';
import table from '../../../tests/shared/detectors.json';
import { decodeDicom } from '../../src/scan/dicom.ts';
import { nmFile } from '../dicom-file.ts';

test('which frame is of which detector is as the table shared with Python says', () => {
  for (const { views, ...facts } of table.cases) {
    const { scans } = decodeDicom(nmFile(facts), 'scan.dcm');
    assert.deepEqual(
      scans.map((scan) => scan.view),
      views,
      JSON.stringify(facts),
    );
  }
});

test('texts name the view of one frame of two detectors', () => {
  const facts = { detectors: ['anterior', 'posterior'], frames: 1, detector_vector: null, window_vector: null };
  const { scans } = decodeDicom(nmFile({ ...facts, description: 'WB POST' }), 'scan.dcm');
  assert.deepEqual(
    scans.map((scan) => scan.view),
    ['posterior'],
  );
});
