/** The description in a model file, as `bonescan_yolo/model/card.py` writes it. */

import { BonescanError } from '../error.ts';
import { areValid, type OperatingPoints } from './operating-points.ts';
import type { Thresholds } from './thresholds.ts';

export const CLASS_NAMES = ['abnormal', 'normal'] as const;
export type ClassName = (typeof CLASS_NAMES)[number];

/** Key of the description in the metadata of the ONNX file. */
const METADATA_KEY = 'bonescan_yolo';

/** Number of the layout of the description. A reader refuses a higher one: it cannot know what changed. */
const SCHEMA = 5;

/** The kind of file that takes a scan of any size and gives boxes. */
const LAYOUT = 'app';
const SCALING = 'display grey level';

export interface ModelCard {
  /** The data set in words. */
  trainedOn: string;
  /** Height and width in pixels of the network behind the fitting. */
  inputSize: [number, number];
  /** Default threshold of each class. */
  thresholds: Thresholds;
  /** Null if the model has none. */
  points: OperatingPoints | null;
  /** Limit of non-maximum suppression, in [0, 1]. */
  iou: number;
  version: string;
  licence: string;
  notice: string;
}

/** Return the description in a model's metadata, or refuse a model that this page cannot run. */
export function readModelCard(metadata: ReadonlyMap<string, string>, name: string): ModelCard {
  const text = metadata.get(METADATA_KEY);
  if (text === undefined) {
    throw new BonescanError(`${name}: is not a model of bonescan_yolo; give a file such as bonescan-app-int8.onnx`);
  }
  const fields = parse(text, name);
  const schema = Number(fields.schema);
  if (schema > SCHEMA) {
    throw new BonescanError(
      `${name}: has description schema ${schema}, newer than ${SCHEMA}, the newest this page supports; get a newer page`,
    );
  }
  const layout = fields.layout ?? 'stock';
  if (layout !== LAYOUT) {
    throw new BonescanError(`${name}: is a model of layout ${layout}; give the -app.onnx file of the same export`);
  }
  if (fields.scaling !== SCALING) {
    throw new BonescanError(
      `${name}: expects the scaling ${fields.scaling}, which this page does not support; export it again`,
    );
  }
  const names = Array.isArray(fields.class_names) ? fields.class_names : [];
  if (names.join() !== CLASS_NAMES.join()) {
    throw new BonescanError(
      `${name}: has the classes ${names.join(', ')}; give a model of ${CLASS_NAMES.join(' and ')}`,
    );
  }
  if (!(schema >= SCHEMA)) {
    throw new BonescanError(`${name}: is a self-contained file of an earlier version; export it again`);
  }
  return cardOf(fields, name);
}

function parse(text: string, name: string): Record<string, unknown> {
  try {
    const fields: unknown = JSON.parse(text);
    if (typeof fields === 'object' && fields !== null && 'schema' in fields) return { ...fields };
  } catch {
    // reported below
  }
  throw damaged(name);
}

function cardOf(fields: Record<string, unknown>, name: string): ModelCard {
  const text = (key: string): string => {
    const value = fields[key];
    if (typeof value !== 'string') throw damaged(name);
    return value;
  };
  const number = (key: string, most: number): number => {
    const value = fields[key];
    if (typeof value !== 'number' || !(value >= 0 && value <= most)) throw damaged(name);
    return value;
  };
  const abnormal = number('confidence', 1);
  const isShared = (fields.normal_confidence ?? null) === null;
  const thresholds = { abnormal, normal: isShared ? abnormal : number('normal_confidence', 1) };
  return {
    trainedOn: text('trained_on'),
    inputSize: [number('input_height', 1e5), number('input_width', 1e5)],
    thresholds,
    points: pointsOf(fields, thresholds, name),
    iou: number('iou', 1),
    version: text('version'),
    licence: text('licence'),
    notice: text('notice'),
  };
}

function pointsOf(fields: Record<string, unknown>, balanced: Thresholds, name: string): OperatingPoints | null {
  const [sensitive, specific] = [fields.sensitive ?? null, fields.specific ?? null];
  if (sensitive === null && specific === null) return null;
  if (!isPair(sensitive) || !isPair(specific)) throw damaged(name);
  const points = { sensitive, balanced, specific };
  if (!areValid(points)) throw damaged(name);
  return points;
}

function isPair(value: unknown): value is Thresholds {
  return typeof value === 'object' && value !== null && 'abnormal' in value && 'normal' in value;
}

function damaged(name: string): BonescanError {
  return new BonescanError(`${name}: its description is damaged; export the model again`);
}
