/** Names of the skeleton's regions and of the bones with numbers; the twin of `bonescan_yolo/regions/region_names.py`. */

export type Side = 'left' | 'right';

const SIDES: readonly Side[] = ['right', 'left'];

/** Regions that have no side, from the head down. */
const MIDLINE = ['skull', 'face', 'cervical_spine', 'thoracic_spine', 'lumbar_spine', 'sacrum', 'sternum'] as const;

/** Regions of which there is one on each side. */
const PAIRED = [
  'clavicle',
  'scapula',
  'ribs',
  'humerus',
  'forearm',
  'hand',
  'pelvis',
  'femur',
  'knee',
  'lower_leg',
  'foot',
] as const;

/** A region without its side. */
export type Part = (typeof MIDLINE)[number] | (typeof PAIRED)[number];

/** A region of the skeleton; the side is the patient's. */
export interface Region {
  /** As in files: `left_ribs`. */
  name: string;
  part: Part;
  side: Side | null;
  /** Number of its bones that are counted, from the head down; 0 for a region that is not counted. */
  count: number;
}

const COUNTS: Partial<Record<Part, number>> = { thoracic_spine: 12, lumbar_spine: 5, ribs: 12 };

/** All regions, in the order of maps. */
export const REGIONS: readonly Region[] = [
  ...MIDLINE.map((part) => regionOf(part, null)),
  ...PAIRED.flatMap((part) => SIDES.map((side) => regionOf(part, side))),
];

/** A layer of a map: a region, or one numbered bone of it. */
export interface Bone {
  /** Index into REGIONS. */
  region: number;
  number: number | null;
}

/** All layers of a map in order; those of a region follow each other. */
export const BONES: readonly Bone[] = REGIONS.flatMap(({ count }, region) =>
  count
    ? Array.from({ length: count }, (_, index) => ({ region, number: index + 1 }))
    : [{ region, number: null } as Bone],
);

function regionOf(part: Part, side: Side | null): Region {
  return { name: side ? `${side}_${part}` : part, part, side, count: COUNTS[part] ?? 0 };
}
