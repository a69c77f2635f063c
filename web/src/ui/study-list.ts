/** The list of studies with the number of boxes of each, and the files that were not read. */

import { type Entry, type Study, scansOf } from '../files/studies.ts';
import { boxesOf, countByClass } from '../model/boxes.ts';
import type { Thresholds } from '../model/thresholds.ts';
import { button, byId, make } from './page.ts';

const STATES: Partial<Record<Entry['state'], string>> = {
  waiting: 'waiting',
  reading: 'reading…',
  stopped: 'not read',
};

export class StudyList {
  private readonly list = byId('study-list', HTMLElement);
  private readonly failures = byId('failures', HTMLElement);
  private readonly failureList = byId('failure-list', HTMLElement);
  private readonly items = new Map<number, { item: HTMLLIElement; chooser: HTMLButtonElement; content: string }>();
  private shownFailures = '';

  constructor(
    private readonly onChoose: (study: number) => void,
    onForget: () => void,
    private readonly onForce: (entry: Entry) => void,
  ) {
    button('forget-failures').addEventListener('click', onForget);
  }

  /** Bring the list up to date; only what changed is touched, so that focus and scrolling stay. */
  show(studies: readonly Study[], chosen: number | null, thresholds: Thresholds): void {
    const ids = new Set(studies.map((study) => study.id));
    for (const [id, { item }] of this.items) {
      if (ids.has(id)) continue;
      item.remove();
      this.items.delete(id);
    }
    studies.forEach((study, index) => {
      const { item, chooser } = this.itemOf(study, thresholds);
      if (study.id === chosen) chooser.setAttribute('aria-current', 'true');
      else chooser.removeAttribute('aria-current');
      if (this.list.children[index] !== item) this.list.insertBefore(item, this.list.children[index] ?? null);
    });
  }

  showFailures(entries: readonly Entry[]): void {
    const failures = entries.flatMap((entry) => {
      if (entry.refusals.length) return entry.refusals.map((message) => ({ entry, message }));
      return entry.state === 'failed' ? [{ entry, message: entry.error ?? '' }] : [];
    });
    const state = failures.map(({ message }) => message).join('\n');
    if (state === this.shownFailures) return;
    this.shownFailures = state;
    this.failures.hidden = !failures.length;
    byId('failures-title', HTMLElement).textContent = `Not read: ${failures.length}`;
    this.failureList.replaceChildren(...failures.map(({ entry, message }) => this.failureOf(entry, message)));
  }

  /** Return an item that says why something was not read; what was refused can be read all the same. */
  private failureOf(entry: Entry, message: string): HTMLLIElement {
    const item = make('li', message);
    if (entry.refusals.length) {
      const force = make('button', 'Read anyway');
      force.setAttribute('aria-label', `Read anyway: ${entry.path}`);
      force.addEventListener('click', () => this.onForce(entry));
      item.append(' ', force);
    }
    return item;
  }

  /** Scroll to the chosen study. */
  reveal(id: number): void {
    this.items.get(id)?.item.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  private itemOf(study: Study, thresholds: Thresholds): { item: HTMLLIElement; chooser: HTMLButtonElement } {
    let known = this.items.get(study.id);
    if (!known) {
      const item = make('li');
      const chooser = make('button');
      chooser.addEventListener('click', () => this.onChoose(study.id));
      item.append(chooser);
      known = { item, chooser, content: '' };
      this.items.set(study.id, known);
    }
    const state = study.entries.map((entry) => STATES[entry.state]).find((text) => text);
    const counts = countByClass(scansOf(study).flatMap(({ reading }) => boxesOf(reading, thresholds)));
    const content = `${study.name}|${state ?? `${counts.abnormal}|${counts.normal}`}`;
    if (content !== known.content) {
      known.content = content;
      fill(known.chooser, study.name, state ?? counts);
    }
    return known;
  }
}

function fill(chooser: HTMLButtonElement, name: string, state: string | { abnormal: number; normal: number }): void {
  const title = make('span', name, 'name');
  title.title = name;
  if (typeof state === 'string') {
    chooser.replaceChildren(title, make('span', state, 'state'));
    return;
  }
  const counts = make('span');
  const count = (name: 'abnormal' | 'normal') =>
    make('span', `${state[name]}`, state[name] ? `count-${name}` : 'count-none');
  counts.append(count('abnormal'), ' ', count('normal'));
  counts.setAttribute('role', 'img');
  counts.setAttribute('aria-label', `${state.abnormal} abnormal, ${state.normal} normal`);
  counts.title = `${state.abnormal} abnormal, ${state.normal} normal`;
  chooser.replaceChildren(title, counts);
}
