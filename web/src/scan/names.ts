/** The two views of a whole-body acquisition, how texts name them, and which files belong together. */

export const VIEWS = ['anterior', 'posterior'] as const;
export type View = (typeof VIEWS)[number];

/** What `post` precedes where it means after: `3H POST INJECTION`, `post-op`. */
const AFTER = '[ _-]*(?:inj|dose|op|ther|treat|tx|chemo|rt|rad|stress)';

const WORDS: Record<View, RegExp> = {
  anterior: /(?<![a-z])ant(?:erior)?(?![a-z])/g,
  posterior: new RegExp(`(?<![a-z])post(?:erior|(?!${AFTER}))(?![a-z])`, 'g'),
};

/**
 * Return the view that a file name or a DICOM text names, or null where it names none or both.
 *
 * `ant`, `anterior`, `post` and `posterior` count as words of their own, or behind a change of case:
 * `wholeBodyANT`, `12_post`, `Anterior WB`.
 */
export function viewIn(text: string): View | null {
  const words = wordsOf(text);
  const found = VIEWS.filter((view) => words.search(WORDS[view]) >= 0);
  return found.length === 1 ? (found[0] as View) : null;
}

/** Return the view that a path names: its file name, else its folder. */
export function viewOfPath(path: string): View | null {
  const parts = path.split('/');
  return viewIn(stemOf(path)) ?? viewIn(parts.at(-2) ?? '');
}

/**
 * Return what the views of one study share in their paths: the path without suffix and without words for a view.
 *
 * `7_anterior.png` and `7-post.png` give the same, and so do `wholeBodyANT/7.jpg` and `wholeBodyPOST/7.jpg`.
 */
export function studyOfPath(path: string): string {
  let words = wordsOf(path.replace(/\.[^./]*$/, ''));
  for (const view of VIEWS) words = words.replace(WORDS[view], ' ');
  return words
    .split('/')
    .map((part) => part.replace(/[\s_.-]+/g, ' ').trim())
    .join('/');
}

/** The file name without its folder and suffix. */
export function stemOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name.replace(/(?<=.)\.[^.]*$/, '');
}

function wordsOf(text: string): string {
  return text.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}
