/** The confidence above which a box of each class is shown; the twin of `bonescan_yolo/model/thresholds.py`. */

/** Each in [0, 1]. */
export interface Thresholds {
  abnormal: number;
  normal: number;
}

/** Return whether the classes share one threshold. */
export function areEqual({ abnormal, normal }: Thresholds): boolean {
  return abnormal === normal;
}

/** Return the lower of the two: every box that is shown has a higher confidence. */
export function lowestOf({ abnormal, normal }: Thresholds): number {
  return Math.min(abnormal, normal);
}

/** Return one number if the classes share it, else both with the names of the classes, as `write` writes a number. */
export function textsOf(thresholds: Thresholds, write: (value: number) => string): string[] {
  const { abnormal, normal } = thresholds;
  return areEqual(thresholds) ? [write(abnormal)] : [`abnormal ${write(abnormal)}`, `normal ${write(normal)}`];
}

/**
 * Return both thresholds if that of abnormal boxes is moved from a model's own.
 *
 * That of normal boxes keeps its place between the model's own and the end of the range to which the other is moved. So
 * at either end both are the same and every box can be shown or hidden, and in the middle both are the model's own.
 */
export function movedFrom(own: Thresholds, abnormal: number, [low, high]: [number, number]): Thresholds {
  if (areEqual(own)) return { abnormal, normal: abnormal };
  const end = abnormal < own.abnormal ? low : high;
  if (abnormal === own.abnormal || own.abnormal === end) return { abnormal, normal: own.normal };
  const share = (end - abnormal) / (end - own.abnormal);
  return { abnormal, normal: end + share * (own.normal - end) };
}
