/** Which view a frame of a DICOM file shows; the rules and their sources are in `bonescan_yolo/scan/dicom/dicom_views.py`. */

import type { DataSet } from 'dicom-parser';
import { detectorNumberOf } from './dicom-frames.ts';
import { TAG } from './dicom-tags.ts';
import { frameCountOf, itemsOf, numbersOf, textOf, textsOf } from './dicom-values.ts';
import { type View, viewIn } from './names.ts';

type Meaning = View | 'other' | null;

export interface NamedView {
  view: View | null;
  /** What the user should know about where the view is from. */
  note?: string;
}

/** Codes of SNOMED CT and its older ones, `value` to meaning (PS3.16, CID 26, CID 2 and CID 4010). */
const MEANINGS = new Map<string, Meaning>([
  ...codes('anterior', '399321004 G-5215 255549009 R-404CC'),
  ...codes('posterior', '399001007 G-5216 255551008 R-404CE'),
  ...codes('other', '399074003 G-5207 399136008 G-5209 399108003 G-5206 399075002 G-5208'),
  ...codes('other', '399118008 G-5223 399297009 G-5222 49370004 G-A104 399012007 G-5220'),
  ...codes('other', '399300004 G-5221 399268006 G-5224 399159002 G-5225 399089007 G-5210'),
  ...codes('other', '399273000 G-5212 24422004 G-A147 81654009 G-A138 30730003 G-A145'),
  ...codes('other', '62824007 G-A117 103340004 G-A186 131185001 G-A18A 131186000 G-A18B'),
  ...codes('other', '399135007 R-10220 399006002 R-10212 399356000 R-40985 399038007 R-10210'),
  ...codes('other', '399312000 R-10208 399059000 R-10216 399173006 R-10236 399198007 R-10232'),
  ...codes('other', '399184004 R-10238 399236003 R-10234 399182000 R-102C1 399067008 R-102CD'),
  ...codes('other', '399260004 R-10224 399352003 R-10228 399368009 R-10226 399099002 R-10230'),
  ...codes('other', '260427002 R-40783 260426006 R-40782 399160007 R-10204 399004004 R-10246'),
]);

/** Antero-posterior and postero-anterior (CID 4010). */
const PROJECTION_CODES = new Map<string, Meaning>([
  ...codes('anterior', '399348003 R-10206'),
  ...codes('posterior', '272479007 R-10214 R-40888'),
]);
const PROJECTION_WORDS: [View, RegExp][] = [
  ['anterior', /antero[\s_-]?posterior/i],
  ['posterior', /postero[\s_-]?anterior/i],
];

const SCHEMES = /^(SCT|SRT|SNM3|99SDM|2\.16\.840\.1\.113883\.6\.96|)$/i;

const OTHER_WORDS =
  /obli|schr[aä]g|(?<![a-z])later|(?<![a-z])lat(?![a-z])|(?<![a-z])[lr][ap]o(?![a-z])|sagit|axial|vertex|斜|侧|側/i;

/** Degrees that a detector may be off the front or the back; obliques are taken at 30 and more. */
const ANGLE_TOLERANCE = 10;

const GENIE = 'GEMS_GENIE_1';
const GENIE_VIEWS: Record<string, View> = { _E: 'anterior', _F: 'posterior' };

/** Return the view of the frame of this index, from 0. */
export function viewOfFrame(dataSet: DataSet, index: number): NamedView {
  const detectors = itemsOf(dataSet, TAG.detectors);
  const detector = detectors[detectorNumberOf(dataSet, index, detectors.length) - 1];
  const frameCount = frameCountOf(dataSet);
  for (const holder of [detector, frameCount === 1 ? dataSet : undefined]) {
    const coded = holder && codedView(holder, dataSet);
    if (coded) return coded;
  }
  const view = frameCount === 1 ? viewInTexts(dataSet) : null;
  if (view) return { view };
  return viewOfAngle(detector, detectors) ?? viewOfGenie(dataSet, index, frameCount) ?? { view: null };
}

/** Return the view that a view code names, unknown if it names an oblique or lateral one; null without a code. */
function codedView(holder: DataSet, root: DataSet): NamedView | null {
  for (const code of itemsOf(holder, TAG.viewCodes)) {
    const modifiers = [...itemsOf(holder, TAG.viewModifiers), ...itemsOf(code, TAG.viewModifiers)];
    const meaning = meaningOf(code, root);
    if ([meaning, ...modifiers.map((modifier) => meaningOf(modifier, root))].includes('other')) return { view: null };
    const projection = projectionOf(code, root);
    if (projection) return { view: projection, note: `view code of a radiographic projection read as ${projection}` };
    if (meaning) return { view: meaning as View };
  }
  return null;
}

function meaningOf(code: DataSet, root: DataSet): Meaning {
  const known = MEANINGS.get(snomedValueOf(code));
  if (known) return known;
  const words = textOf(code, TAG.codeMeaning, root);
  return OTHER_WORDS.test(words) ? 'other' : viewIn(words);
}

/** Return the view for which a code names a projection of radiography; null if it names none. */
function projectionOf(code: DataSet, root: DataSet): View | null {
  const value = snomedValueOf(code);
  if (MEANINGS.has(value) || PROJECTION_CODES.has(value)) return (PROJECTION_CODES.get(value) as View) ?? null;
  const words = textOf(code, TAG.codeMeaning, root);
  return PROJECTION_WORDS.find(([, pattern]) => pattern.test(words))?.[0] ?? null;
}

/** Return the value of a code of SNOMED in capitals; '' of other schemes. */
function snomedValueOf(code: DataSet): string {
  if (!SCHEMES.test(textsOf(code, TAG.codingScheme)[0] ?? '')) return '';
  return (textsOf(code, TAG.codeValue)[0] ?? textsOf(code, TAG.longCodeValue)[0] ?? '').toUpperCase();
}

/** Return the view that the texts of a file with one frame name. */
function viewInTexts(dataSet: DataSet): View | null {
  const tags = [TAG.viewPosition, TAG.seriesDescription, TAG.imageId, TAG.imageComments, TAG.protocolName];
  for (const words of [...tags.map((tag) => textOf(dataSet, tag)), ...genieNames(dataSet)]) {
    const view = OTHER_WORDS.test(words) ? null : viewIn(words);
    if (view) return view;
  }
  return null;
}

/** Return the view by a detector's start angle; null if it is elsewhere, or if all detectors have the same. */
function viewOfAngle(detector: DataSet | undefined, detectors: DataSet[]): NamedView | null {
  const angles = detectors.map((item) => numbersOf(item, TAG.startAngle)[0] ?? Number.NaN);
  if (!detector || (angles.length > 1 && angles.every((angle) => angle === angles[0]))) return null;
  const given = numbersOf(detector, TAG.startAngle)[0] ?? Number.NaN;
  const angle = ((given % 360) + 360) % 360;
  const note = `view taken from the detector's start angle of ${angle} degrees`;
  if (Math.abs(angle - 180) <= ANGLE_TOLERANCE) return { view: 'anterior', note };
  return Math.min(angle, 360 - angle) <= ANGLE_TOLERANCE ? { view: 'posterior', note } : null;
}

/** Return the view by the ending of GE's data set name, of whole-body scans only. */
function viewOfGenie(dataSet: DataSet, index: number, frameCount: number): NamedView | null {
  let names = genieNames(dataSet);
  if (!names.length && /^GE/i.test(textOf(dataSet, TAG.manufacturer))) names = textsOf(dataSet, TAG.imageId);
  const name = (names.length === frameCount ? names[index] : frameCount === 1 ? names[0] : '') ?? '';
  const isWholeBody = textsOf(dataSet, TAG.imageType).some((part) => part.toUpperCase() === 'WHOLE BODY');
  const view = isWholeBody ? GENIE_VIEWS[name.slice(-2).toUpperCase()] : undefined;
  return view ? { view, note: `view taken from the ending ${name.slice(-2)} of GE's data set name` } : null;
}

/** Return the data set names in GE's private block (PS3.5, 7.8.1); empty if the file has no such block. */
function genieNames(dataSet: DataSet): string[] {
  for (let block = 0x10; block <= 0xff; block++) {
    const number = block.toString(16).padStart(2, '0');
    if (textsOf(dataSet, `x001100${number}`)[0] === GENIE) return textsOf(dataSet, `x0011${number}12`);
  }
  return [];
}

function codes(meaning: Meaning, values: string): [string, Meaning][] {
  return values.split(' ').map((value) => [value, meaning]);
}
