/** The words that say which view a scan is of; as `bonescan_yolo/scan/identity/view_words.py`, which has the reasons. */

import { fold, type Word, wordsOf } from './words.ts';

export const VIEWS = ['anterior', 'posterior'] as const;
export type View = (typeof VIEWS)[number];

/** What a word says; `other` is an oblique or lateral view, or both in one word; `unclear` a `post` beside a time. */
type Meaning = View | 'other' | 'unclear';

/** A word that says something about the view, and its place in the folded text. */
interface ViewWord {
  start: number;
  end: number;
  says: Meaning;
}

const FULL_WORDS: Record<Exclude<Meaning, 'unclear'>, string> = {
  anterior:
    'ant anterior anteriora anteriore anterioren anteriores anteriori anterieur anterieure anterieures anterieurs ' +
    'ventral ventrale ventralen ventrales vorn vorne vorderansicht vorderseite przod przednia przednie przedni ' +
    'predni forfra framifran voorzijde ' +
    'voorkant vooraanzicht voraanzicht etukuva elolnezet передняя переднии переднее спереди вентральная',
  posterior:
    'post posterior posteriora posteriore posterioren posteriores posteriori posterieur posterieure posterieures ' +
    'posterieurs dorsal dorsale dorsalen dorsales hinten ruckansicht rueckansicht ruckseite rueckseite tył tyl ' +
    'tylna tylne tylny zadni bagfra bakifran achterzijde achterkant ' +
    'achteraanzicht takakuva hatulnezet задняя заднии заднее сзади дорсальная',
  other:
    'lao rao lpo rpo llat rlat lat lateral laterale lateralen laterales laterali oblique obliques obl obliq ' +
    'obliqua oblicua oblicuo oblicuas obliquo schrag schraeg seitlich profil vertex axial axiale transversal ' +
    'transverse sagittal coronal antero postero anteroposterior anteroposteriore posteroanterior posteroanteriore ' +
    'skosna boczna косая боковая',
};
const MEANINGS = new Map(
  Object.entries(FULL_WORDS).flatMap(([says, words]) => words.split(' ').map((word) => [word, says as Meaning])),
);
const SHORT_WORDS = new Map<string, Meaning>([
  ['ap', 'anterior'],
  ['pa', 'posterior'],
  ['pos', 'posterior'],
]);

/** Searched in this order: 前后位 is neither view, though 后位 is in it. */
const EAST_ASIAN: [string, Meaning][] = [
  ['前[后後]|[后後]前|斜|[侧側]|측면|사위|전후|후전', 'other'],
  ['前[位面方]|正面|전면|전방', 'anterior'],
  ['[后後][位面方]|背面|후면|후방', 'posterior'],
];

/** Beginnings of words before which `post` means after. */
const AFTER_POST =
  /^(?:inj|dose|op|ther|treat|tx|chemo|rt|rad|stress|infus|surg|trat|trait|chim|abl|rai|prostat|transpl|biops|fract|implant|hormon|immun|vacc|void|mict|lasix|furo|contrast|trauma|exerc|process|appli|iniez)/;

const UNITS_OF_TIME =
  'h hr hrs hour hours hora horas heure heures ore std stunde stunden min mins minute minutes minuten day ' +
  'days tag tage jour jours week weeks woche wochen month months year years час часа часов';
const UNITS = new Set(UNITS_OF_TIME.split(' '));

/** Beginnings of units in which only `post` as after is said: `post 6 months`. */
const LONG_UNITS = /^(?:day|tag|jour|week|woche|month|year)/;

/** Units of time only directly behind their number: `7_m_post` may be a man. */
const ATTACHED_UNITS = new Set(['d', 'j', 'm', 'w', 'y', 'ч']);

/** Beside `dorsal`: a part of the spine, or how the patient lies. */
const OF_BODY = /^(?:spine|column|colonn|colun|rachi|vertebra|decubit)/;

/** Return the view that a text names as a separate word, or null if it names none, both, or another one. */
export function viewIn(text: string): View | null {
  return viewNamed(viewWords(fold(text)));
}

/** Return the view that the words of a text name, or null if they name none, both, or another one. */
export function viewNamed(found: readonly ViewWord[]): View | null {
  const [first, ...others] = new Set(found.filter(namesView).map((word) => word.says));
  return (first === 'anterior' || first === 'posterior') && !others.length ? first : null;
}

/** Return whether a word names a view, be it one of the two or another. */
export function namesView({ says }: ViewWord): boolean {
  return says !== 'unclear';
}

/** Return the words of a folded text that say the view. */
export function viewWords(folded: string): ViewWord[] {
  const words = wordsOf(folded, MEANINGS);
  const posts = postsMeaningAfter(words);
  const unclear = words.flatMap((word, index) => (posts.get(index) === 'unclear' ? [meaning(word, 'unclear')] : []));
  const full = words.flatMap((word, index) => {
    if (word.kind === 'asian') return eastAsianWords(word);
    const says = MEANINGS.get(word.text);
    return says && !posts.has(index) && !isOfBody(words, index) ? [meaning(word, says)] : [];
  });
  if (full.length) return [...full, ...unclear];
  const short = words.flatMap((word, index) => {
    const says = SHORT_WORDS.get(word.text);
    return says && !mayBeId(words, index) ? [meaning(word, says)] : [];
  });
  return [...short, ...unclear];
}

function meaning({ start, end }: Word, says: Meaning): ViewWord {
  return { start, end, says };
}

/** Return the places of `post` where it means after, or may mean it. */
function postsMeaningAfter(words: readonly Word[]): Map<number, 'after' | 'unclear'> {
  const after = new Map<number, 'after' | 'unclear'>();
  for (const [index, { text }] of words.entries()) {
    if (text !== 'post') continue;
    const isBeforeEvent = AFTER_POST.test(words[index + 1]?.text ?? '');
    const isBeforeLongTime = isTime(words, index + 1) && LONG_UNITS.test(words[index + 2]?.text ?? '');
    if (isBeforeEvent || isBeforeLongTime || words[index - 1]?.text === 'status') after.set(index, 'after');
    else if (isTime(words, index - 2)) after.set(index, 'unclear');
  }
  if (!after.size && words[0]?.text === 'post' && isTime(words, 1)) after.set(0, 'unclear');
  return after;
}

function isTime(words: readonly Word[], index: number): boolean {
  const [number, unit] = [words[index], words[index + 1]];
  if (number?.kind !== 'digits' || !unit) return false;
  return UNITS.has(unit.text) || (ATTACHED_UNITS.has(unit.text) && number.end === unit.start);
}

function isOfBody(words: readonly Word[], index: number): boolean {
  if (!/^(?:dorsal|ventral)/.test(words[index]?.text ?? '')) return false;
  return [words[index - 1], words[index + 1]].some((word) => word && OF_BODY.test(word.text));
}

/** Return whether a short word may begin an id: digits are attached, or it begins the text before a number. */
function mayBeId(words: readonly Word[], index: number): boolean {
  const next = words[index + 1];
  return next?.kind === 'digits' && (index === 0 || words[index]?.end === next.start);
}

function eastAsianWords(run: Word): ViewWord[] {
  const found: ViewWord[] = [];
  let rest = run.text;
  for (const [pattern, says] of EAST_ASIAN) {
    rest = rest.replace(new RegExp(fold(pattern), 'g'), (match, place: number) => {
      found.push({ start: run.start + place, end: run.start + place + match.length, says });
      return ' '.repeat(match.length);
    });
  }
  return found;
}
