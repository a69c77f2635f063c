/** How scans are shown: window and level, zoom and place, the same for both views. */

/** Limits of the window's width, in levels of the scan's brighter bone. */
const MIN_WINDOW = 0.05;
const MAX_WINDOW = 40;

export const MAX_ZOOM = 24;

export interface Display {
  /** Middle and width of the window, in levels of each scan's brighter bone. */
  level: number;
  window: number;
  isInverted: boolean;
  showsBoxes: boolean;
  /** How much larger than the whole body. */
  zoom: number;
  /** Distance of the picture's middle from that of the body, in pixels of the scan. */
  panX: number;
  panY: number;
}

/** Bone at half of white, so that hotter spots stand out. */
const FIRST_WINDOW = { level: 1, window: 2 };
const WHOLE_BODY = { zoom: 1, panX: 0, panY: 0 };

export function firstDisplay(): Display {
  return { ...FIRST_WINDOW, ...WHOLE_BODY, isInverted: false, showsBoxes: true };
}

export function resetWindow(display: Display): void {
  Object.assign(display, FIRST_WINDOW);
}

export function fitBody(display: Display): void {
  Object.assign(display, WHOLE_BODY);
}

/** Change the window by hundredths of its width: to the right widens it, up raises its level. */
export function adjustWindow(display: Display, right: number, up: number): void {
  display.window = clamp(display.window * Math.exp(right / 100), MIN_WINDOW, MAX_WINDOW);
  display.level = clamp(display.level + (up / 100) * display.window * 0.5, 0, MAX_WINDOW);
}

/** Return the lowest and highest value of the window in a scan's own units. */
export function windowLimits(display: Display, boneLevel: number): [number, number] {
  return [
    Math.max(0, display.level - display.window / 2) * boneLevel,
    Math.max(display.level + display.window / 2, MIN_WINDOW) * boneLevel,
  ];
}

export function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
