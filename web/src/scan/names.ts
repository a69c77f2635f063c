/**
 * What names say: which view a scan is of, and which files are of one study; as `bonescan_yolo/scan/identity/names.py`.
 *
 * Both are tested against the table of cases in `tests/shared/names.json`, which also states the rules.
 */

import { namesView, type View, viewNamed, viewWords } from './view-words.ts';
import { CHANGE_OF_CASE, fold } from './words.ts';

export { VIEWS, type View, viewIn } from './view-words.ts';

/** Return the view that a path names: by its file name, else by the nearest folder that has a word for a view. */
export function viewOfPath(path: string): View | null {
  for (const part of [stemOf(path), ...foldersOf(path).reverse()]) {
    const found = viewWords(fold(part)).filter(namesView);
    if (found.length) return viewNamed(found);
  }
  return null;
}

/**
 * Return what the views of one study share in their paths: the path without suffix and without words for a view.
 *
 * `7_anterior.png` and `7-post.png` give the same, and so do `wholeBodyANT/7.jpg` and `wholeBodyPOST/7.jpg`. Dates
 * count: two dates of a patient are two studies. A `post` that may mean after is left out: `3h_ant.dcm`, `3h_post.dcm`.
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

/** Return the words of a name that name no view, in lower case without accents, with a space between them. */
function withoutViews(name: string): string {
  const folded = fold(name);
  let rest = folded;
  for (const { start, end } of viewWords(folded)) {
    rest = rest.slice(0, start) + ' '.repeat(end - start) + rest.slice(end);
  }
  return rest
    .replace(CHANGE_OF_CASE, ' ')
    .toLowerCase()
    .replace(/[\s_.-]+/g, ' ')
    .trim();
}
