/** Whether pixels can be a whole-body bone scan at all: the rule and the limits of `bonescan_yolo/scan/quality/quality.py`. */

import {
  airOf,
  type BlockOutline,
  bothSidesOf,
  centreAcrossOf,
  centreOf,
  changesOf,
  emptyRowsOf,
  endCutsOf,
  frameFilledOf,
  isBodyWhenInverted,
  outlineOf,
  sideCutOf,
  taperOf,
} from './block-outline.ts';
import { countsByGrain, countsIn, isMask, saturatedPart } from './pixel-facts.ts';
import type { Pixels } from './record.ts';
import { bodiesBeside, isPair, isStacked } from './several-bodies.ts';

const LEAST_AIR = 0.15;
const MOST_FRAMED = 0.75;
const MOST_SIDE_CUT = 0.65;
const DOUBTFUL_SIDE_CUT = 0.5;
const MOST_TOP_CUT = 0.45;
const DOUBTFUL_TOP_CUT = 0.2;
const MOST_BOTTOM_CUT = 0.6;
const DOUBTFUL_BOTTOM_CUT = 0.4;
const LEAST_ELONGATION = 1.5;
const LEAST_LONG = 1.8;
const DOUBTFUL_ELONGATION = 2.3;
const MOST_EMPTY_ROWS = 0.35;
const MOST_CHANGES = 16;
const UPSIDE_DOWN = 0.53;
const MOST_TAPER = 1.05;
const MOST_SATURATED = 0.5;
const DOUBTFUL_SATURATED = 0.15;
const LEAST_COUNTS = 12_000;
const DOUBTFUL_COUNTS = 500_000;

export interface Doubt {
  /** A fixed word for programs. */
  code: string;
  /** For people. */
  message: string;
  /** Whether nothing can be read from such a scan. */
  refuses: boolean;
}

/** Codes after which nothing else about a body makes sense. */
const NO_BODY = ['mask', 'noise', 'no_air', 'inverted', 'no_body', 'two_views', 'cropped', 'lying'];

/** The doubts about a scan: at most one that refuses, then those that only warn. */
export function assess(scan: {
  pixels: Pixels;
  width: number;
  height: number;
  pixelSpacingMm: [number, number] | null;
}): Doubt[] {
  const outline = outlineOf(scan.pixels, scan.width, scan.height, scan.pixelSpacingMm);
  if (!outline) return [refusing('empty', 'shows nothing; check how it was exported')];
  const reason =
    noScan(scan.pixels, scan.width, scan.height, outline) ?? noWholeBody(outline) ?? turned(scan.pixels, outline);
  const warnings = reason && NO_BODY.includes(reason.code) ? [] : warningsOf(scan.pixels, outline);
  return reason ? [reason, ...warnings] : warnings;
}

/** Return why pixels are not a scan of anything, or null. */
function noScan(pixels: Pixels, width: number, height: number, outline: BlockOutline): Doubt | null {
  if (countsByGrain(pixels, width, height) < LEAST_COUNTS) {
    return refusing('noise', 'shows noise or hardly any counts, no body; check how it was exported');
  }
  if (isMask(pixels)) return refusing('mask', 'has only two levels, as a mask or a drawing; give the scan itself');
  if (frameFilledOf(outline) > MOST_FRAMED && isBodyWhenInverted(outline, LEAST_LONG)) {
    return refusing('inverted', 'shows hot as dark; invert it (--inverted yes)');
  }
  if (airOf(outline) < LEAST_AIR || bothSidesOf(outline) > MOST_FRAMED) {
    return refusing(
      'no_air',
      'has no dark air around a body; give a whole-body bone scan, without a frame or window around it',
    );
  }
  return null;
}

/** Return why a scan does not show one body as a whole, or null. */
function noWholeBody(outline: BlockOutline): Doubt | null {
  const { elongation } = outline;
  const [top, bottom] = endCutsOf(outline);
  const isCut = top > MOST_TOP_CUT || bottom > MOST_BOTTOM_CUT;
  const pair = elongation < DOUBTFUL_ELONGATION && isPair(outline);
  if ((pair && !isCut) || bodiesBeside(outline) > 1) {
    return refusing(
      'two_views',
      'shows two bodies side by side, only legs, or a bar beside the body; crop it to one view each',
    );
  }
  if (isStacked(outline)) {
    return refusing('two_views', 'shows two bodies one above the other, or another picture; crop it to one view each');
  }
  if (elongation * LEAST_LONG < 1) {
    const turn = centreAcrossOf(outline) < 1 / 2 ? 90 : 270; // clockwise: what is on the left goes to the top
    return refusing('lying', `shows the body lying; turn it by ${turn} degrees clockwise (--turn ${turn})`);
  }
  if (isCut || sideCutOf(outline) > MOST_SIDE_CUT) {
    return refusing('cropped', 'shows only a part of the body, or another picture; give the whole scan');
  }
  const isRagged = emptyRowsOf(outline) > MOST_EMPTY_ROWS || changesOf(outline) > MOST_CHANGES;
  if (isRagged || elongation < LEAST_ELONGATION) {
    return refusing(
      'no_body',
      'shows no whole body, perhaps one organ or spot far brighter than the rest, or another picture; give a whole-body bone scan',
    );
  }
  return null;
}

/** Return why a whole body cannot be read, or null. */
function turned(pixels: Pixels, outline: BlockOutline): Doubt | null {
  const isLong = outline.elongation >= DOUBTFUL_ELONGATION; // where legs are missing the centre is low without that
  if (isLong && centreOf(outline) > UPSIDE_DOWN && taperOf(outline) < MOST_TAPER) {
    return refusing('upside_down', 'shows the body upside down; turn it by 180 degrees (--turn 180)');
  }
  if (saturatedPart(pixels, outline) > MOST_SATURATED) {
    return refusing('saturated', 'shows most of the body in white; export it with a wider window');
  }
  return null;
}

/** Return the doubts about a body that do not refuse it. */
function warningsOf(pixels: Pixels, outline: BlockOutline): Doubt[] {
  const [top, bottom] = endCutsOf(outline);
  const total = countsIn(pixels);
  const white = saturatedPart(pixels, outline);
  const inWords = (count: number) => count.toLocaleString('en-US', { maximumFractionDigits: 0 });
  const found: [boolean, string, string][] = [
    [
      top > DOUBTFUL_TOP_CUT || bottom > DOUBTFUL_BOTTOM_CUT || sideCutOf(outline) > DOUBTFUL_SIDE_CUT,
      'cut_at_edge',
      'is cut off by the edge of the picture; what is outside is not read',
    ],
    [
      outline.elongation < DOUBTFUL_ELONGATION,
      'short_body',
      'shows an unusually short body; check that head and legs are there',
    ],
    [
      white > DOUBTFUL_SATURATED && white <= MOST_SATURATED,
      'overexposed',
      'shows much of the body in white; hot spots there are not seen',
    ],
    [
      total !== null && total < DOUBTFUL_COUNTS,
      'few_counts',
      `has ${inWords(total ?? 0)} counts; with less than ${inWords(DOUBTFUL_COUNTS)} hot spots are easily missed`,
    ],
  ];
  return found.filter(([holds]) => holds).map(([, code, message]) => ({ code, message, refuses: false }));
}

function refusing(code: string, message: string): Doubt {
  return { code, message, refuses: true };
}
