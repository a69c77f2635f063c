import assert from 'node:assert/strict';
import { test } from 'node:test';
import names from '../../../tests/shared/names.json';
import { stemOf, studyOfPath, viewIn, viewOfPath } from '../../src/scan/names.ts';

test('a path names its view as the table shared with Python says', () => {
  for (const { path, view } of names.cases) assert.equal(viewOfPath(path), view, path);
});

test('views of one study share their path without words for a view, and other studies do not', () => {
  for (const { path, same_study_as: other } of names.cases) {
    if (other !== null) assert.equal(studyOfPath(path), studyOfPath(other), path);
  }
  for (const [first = '', second = ''] of names.different_studies) {
    assert.notEqual(studyOfPath(first), studyOfPath(second), `${first}, ${second}`);
  }
});

test('a text names its view as the table shared with Python says', () => {
  for (const { text, view } of names.texts) assert.equal(viewIn(text), view, text);
});

test('the form of Unicode does not change the answer', () => {
  for (const { text, view } of names.texts) {
    for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD']) assert.equal(viewIn(text.normalize(form)), view, text);
  }
});

test('a text of a DICOM file names its view by the same words', () => {
  assert.equal(viewIn('WB ANT'), 'anterior');
  assert.equal(viewIn('3H POST INJECTION'), null);
  assert.equal(viewIn(''), null);
});

test('a stem is the name without folder and suffix', () => {
  assert.equal(stemOf('a.b/scan.1.png'), 'scan.1');
  assert.equal(stemOf('a/IM0001'), 'IM0001');
  assert.equal(stemOf('.hidden'), '.hidden');
});
