/**
 * The site of a box in words for people: `left seventh rib, posterior`. The twin of
 * `bonescan_yolo/regions/site_words.py`; both pass the cases of `tests/shared/sites.json`.
 */

import type { View } from '../scan/names.ts';
import type { Part, Region, Side } from './region-names.ts';

/** The texts of a language. */
export interface SiteWords {
  sides: Record<Side, string>;
  /** From the first on. */
  ordinals: readonly string[];
  /** In `{side}` goes one of `sides`. */
  regions: Record<Part, string>;
  /** The same for a bone with a number: in `{ordinal}` goes one of `ordinals`. */
  numbered: Partial<Record<Part, string>>;
  /** Where the view is said: in `{site}` goes the text so far, in `{view}` one of `views`. */
  inView: Partial<Record<Part, string>>;
  views: Record<View, string>;
}

export const ENGLISH: SiteWords = {
  sides: { left: 'left', right: 'right' },
  ordinals: [
    ...['first', 'second', 'third', 'fourth', 'fifth', 'sixth'],
    ...['seventh', 'eighth', 'ninth', 'tenth', 'eleventh', 'twelfth'],
  ],
  regions: {
    skull: 'skull',
    face: 'face',
    cervical_spine: 'cervical spine',
    thoracic_spine: 'thoracic spine',
    lumbar_spine: 'lumbar spine',
    sacrum: 'sacrum',
    sternum: 'sternum',
    clavicle: '{side} clavicle',
    scapula: '{side} scapula',
    ribs: '{side} ribs',
    humerus: '{side} humerus',
    forearm: '{side} forearm',
    hand: '{side} hand',
    pelvis: '{side} pelvis',
    femur: '{side} femur',
    knee: '{side} knee',
    lower_leg: '{side} lower leg',
    foot: '{side} foot',
  },
  numbered: {
    thoracic_spine: '{ordinal} thoracic vertebra',
    lumbar_spine: '{ordinal} lumbar vertebra',
    ribs: '{side} {ordinal} rib',
  },
  inView: { ribs: '{site}, {view}' },
  views: { anterior: 'anterior', posterior: 'posterior' },
};

/** Return a site in words; the view of the scan is null if unknown, or said elsewhere. */
export function siteText(region: Region, number: number | null, view: View | null, words = ENGLISH): string {
  const side = region.side ? words.sides[region.side] : '';
  if (number === null) return filled(words.regions[region.part], { side });
  const text = filled(words.numbered[region.part] ?? '', { side, ordinal: words.ordinals[number - 1] ?? '' });
  const inView = words.inView[region.part];
  return view && inView ? filled(inView, { site: text, view: words.views[view] }) : text;
}

function filled(template: string, texts: Record<string, string>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => texts[name] ?? '');
}
