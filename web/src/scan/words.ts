/** Cuts file names and DICOM texts into words, the same however they are written; as `bonescan_yolo/scan/identity/words.py`. */

type Kind = 'latin' | 'digits' | 'cyrillic' | 'asian';

/** A word in lower case, and its place in the text. */
export interface Word {
  text: string;
  start: number;
  end: number;
  kind: Kind;
}

const WORD =
  /(?<latin>[A-Za-z\u00df-\u024f]+)|(?<digits>[0-9]+)|(?<cyrillic>[\u0400-\u04ff]+)|(?<asian>[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff]+)/g;

export const CHANGE_OF_CASE = /(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g;

/** Return a text without accents and other forms of the same letters: full width, composed and decomposed. */
export function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '');
}

/**
 * Return the words of a folded text in order: runs of letters of one script, and of digits.
 *
 * A run is cut at a change of case (`wholeBody`, `WBAnterior`), unless it is one of the words in `whole`.
 */
export function wordsOf(folded: string, whole: { has(word: string): boolean }): Word[] {
  const words: Word[] = [];
  for (const match of folded.matchAll(WORD)) {
    const [run] = match;
    const kind = (Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined)?.[0] ?? 'latin') as Kind;
    const isCut = kind === 'latin' && !whole.has(run.toLowerCase());
    let start = match.index;
    for (const text of isCut ? run.split(CHANGE_OF_CASE) : [run]) {
      words.push({ text: text.toLowerCase(), start, end: start + text.length, kind });
      start += text.length;
    }
  }
  return words;
}
