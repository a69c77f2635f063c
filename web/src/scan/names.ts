/**
 * What names say: which view a scan is of, and which files are of one study; as `bonescan_yolo/scan/names.py`.
 *
 * Both are tested against the table of cases in `tests/shared/names.json`, which also states the rules.
 */

export const VIEWS = ['anterior', 'posterior'] as const;
export type View = (typeof VIEWS)[number];

/** What `post` precedes where it means after: `3H POST INJECTION`, `post-op`. */
const AFTER = '[ _-]*(?:inj|dose|op|ther|treat|tx|chemo|rt|rad|stress)';

const WORDS: Record<View, RegExp> = {
  anterior: /(?<![a-z])ant(?:erior)?(?![a-z])/g,
  posterior: new RegExp(`(?<![a-z])post(?:erior|(?!${AFTER}))(?![a-z])`, 'g'),
};

/**
 * Return the view that a file name, a folder or a DICOM text names, or null where it names none or both.
 *
 * `ant`, `anterior`, `post` and `posterior` count as words of their own, or behind a change of case:
 * `wholeBodyANT`, `12_post`, `Anterior WB`.
 */
export function viewIn(text: string): View | null {
  const words = wordsOf(text);
  const found = VIEWS.filter((view) => words.search(WORDS[view]) >= 0);
  return found.length === 1 ? (found[0] as View) : null;
}

/** Return the view that a path names: by its file name, else by the nearest folder that names one. */
export function viewOfPath(path: string): View | null {
  for (const part of [stemOf(path), ...foldersOf(path).reverse()]) {
    const view = viewIn(part);
    if (view) return view;
  }
  return null;
}

/**
 * Return what the views of one study share in their paths: the path without suffix and without words for a view.
 *
 * `7_anterior.png` and `7-post.png` give the same, and so do `wholeBodyANT/7.jpg` and `wholeBodyPOST/7.jpg`.
 */
export function studyOfPath(path: string): string {
  return [...foldersOf(path), stemOf(path)].map(withoutViews).join('/');
}

/** Return the file name without its folder and suffix. */
export function stemOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name.replace(/(?<=.)\.[^.]*$/, '');
}

/** Return the names of the folders that a file is in, outermost first. */
function foldersOf(path: string): string[] {
  return path.split('/').slice(0, -1);
}

/** Return the words of a name that name no view, in lower case, with a space between them. */
function withoutViews(name: string): string {
  let words = wordsOf(name);
  for (const view of VIEWS) words = words.replace(WORDS[view], ' ');
  return words.replace(/[\s_.-]+/g, ' ').trim();
}

/** Return a text in lower case, with a space where case changes from lower to upper. */
function wordsOf(text: string): string {
  return text.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}
