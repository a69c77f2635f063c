/** Named choices between missed and false boxes; the twin of `bonescan_yolo/model/operating_points.py`. */

import { lowestOf, type Thresholds } from './thresholds.ts';

/** In the order of their thresholds, lowest first. */
export const POINT_NAMES = ['sensitive', 'balanced', 'specific'] as const;
export type PointName = (typeof POINT_NAMES)[number];

/** The thresholds of each point; balanced has the model's own. */
export type OperatingPoints = Readonly<Record<PointName, Thresholds>>;

/** Return whether all thresholds are from 0 to 1, and none falls from one point to the next. */
export function areValid({ sensitive, balanced, specific }: OperatingPoints): boolean {
  const rise = (...values: unknown[]) =>
    [0, ...values, 1].every(
      (value, index, all) => typeof value === 'number' && (!index || value >= Number(all[index - 1])),
    );
  return (
    rise(sensitive.abnormal, balanced.abnormal, specific.abnormal) &&
    rise(sensitive.normal, balanced.normal, specific.normal)
  );
}

/** Return the point with these thresholds, null if there is none; of equal points the balanced one. */
export function nameOf(points: OperatingPoints | null, { abnormal, normal }: Thresholds): PointName | null {
  const order: readonly PointName[] = ['balanced', 'sensitive', 'specific'];
  const isThere = (name: PointName) => points?.[name].abnormal === abnormal && points[name].normal === normal;
  return order.find(isThere) ?? null;
}

/** Return the lowest confidence that any point needs; 1 without points. */
export function lowestNeeded(points: OperatingPoints | null): number {
  return points ? lowestOf(points.sensitive) : 1;
}
