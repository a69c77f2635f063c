/** Keyboard shortcuts: one table is both listened for and shown in the help. */

import { byId, make } from './page.ts';

export interface Shortcut {
  /** What `KeyboardEvent.key` gives, in lower case; with `shift+` in front where Shift has to be held. */
  keys: string[];
  /** How the help writes the keys. */
  label: string;
  text: string;
  act(): void;
}

/** Where shortcuts are off. */
const ELSEWHERE = 'dialog[open]';

/** A slider needs these keys for itself; other shortcuts work there too. */
const SLIDER = 'input[type=range]';
const SLIDER_KEYS = /^(arrow|page|home|end)/;

const ARROWS = /arrow/;

export function listenToKeys(shortcuts: readonly Shortcut[]): void {
  const areOn = byId('keys-on', HTMLInputElement);
  document.addEventListener('keydown', (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey || event.altKey || target?.closest(ELSEWHERE)) return;
    if (target?.matches(SLIDER) && SLIDER_KEYS.test(key)) return;
    const wanted = event.shiftKey && ARROWS.test(key) ? `shift+${key}` : key;
    const shortcut = shortcuts.find(({ keys }) => keys.includes(wanted));
    if (!shortcut || (key.length === 1 && !areOn.checked)) return;
    event.preventDefault();
    shortcut.act();
  });
}

/** Write the keys into the help. */
export function listKeys(shortcuts: readonly Shortcut[]): void {
  byId('keys', HTMLElement).replaceChildren(
    ...shortcuts.map(({ label, text }) => {
      const pair = make('div');
      const keys = make('dt');
      keys.append(...label.split(' ').map((key) => make('kbd', key)));
      pair.append(keys, make('dd', text));
      return pair;
    }),
  );
}
