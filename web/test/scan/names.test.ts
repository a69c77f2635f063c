import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stemOf, studyOfPath, viewIn, viewOfPath } from '../../src/scan/names.ts';

test('a view is told by a word of its own, or behind a change of case', () => {
  const views: [string, string | null][] = [
    ['12_post', 'posterior'],
    ['wholeBodyANT', 'anterior'],
    ['Anterior WB', 'anterior'],
    ['WB ANT', 'anterior'],
    ['plant', null],
    ['anterior and posterior', null],
    ['3H POST INJECTION', null],
    ['post-op anterior', 'anterior'],
    ['posterior 3h post inj', 'posterior'],
    ['', null],
  ];
  for (const [text, view] of views) assert.equal(viewIn(text), view, text);
});

test('a path tells its view by the file name, else by the folder', () => {
  assert.equal(viewOfPath('wholeBodyANT/7.jpg'), 'anterior');
  assert.equal(viewOfPath('ant/7_post.jpg'), 'posterior');
  assert.equal(viewOfPath('ant/sub/7.jpg'), null);
});

test('views of one study share their path without words for a view', () => {
  assert.equal(studyOfPath('7_anterior.png'), studyOfPath('7-post.png'));
  assert.equal(studyOfPath('set/wholeBodyANT/7.jpg'), studyOfPath('set/wholeBodyPOST/7.jpg'));
  assert.notEqual(studyOfPath('a/7_ant.png'), studyOfPath('b/7_post.png'));
  assert.notEqual(studyOfPath('7_ant.png'), studyOfPath('17_post.png'));
});

test('a stem is the name without folder and suffix', () => {
  assert.equal(stemOf('a.b/scan.1.png'), 'scan.1');
  assert.equal(stemOf('a/IM0001'), 'IM0001');
  assert.equal(stemOf('.hidden'), '.hidden');
});
