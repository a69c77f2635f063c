/** Gestures on a scan by mouse, pen or fingers. */

export interface Gestures {
  /** Pointing without a button, in pixels of the element; null when the pointer leaves. */
  point(place: { x: number; y: number } | null): void;
  /** Dragging by some pixels: with the chosen tool, or, if `isMove`, moving the scan whichever tool is chosen. */
  drag(dx: number, dy: number, isMove: boolean): void;
  /** Zooming by a factor around a point of the element. */
  zoom(factor: number, x: number, y: number): void;
  /** Double click. */
  reset(): void;
}

const WHEEL_STEP = 1.0015;

/** Listen on an element; the listeners go when it is removed. */
export function listen(element: HTMLElement, gestures: Gestures): void {
  const pointers = new Map<number, { x: number; y: number }>();
  element.addEventListener('pointerdown', (event) => {
    pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    element.setPointerCapture(event.pointerId);
  });
  for (const type of ['pointerup', 'pointercancel'] as const) {
    element.addEventListener(type, (event) => pointers.delete(event.pointerId));
  }
  element.addEventListener('pointerleave', () => gestures.point(null));
  element.addEventListener('pointermove', (event) => {
    const now = { x: event.offsetX, y: event.offsetY };
    const before = pointers.get(event.pointerId);
    if (!before) {
      gestures.point(now);
      return;
    }
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) pinch(gestures, before, now, other);
    else gestures.drag(now.x - before.x, now.y - before.y, (event.buttons & 6) !== 0 || event.shiftKey);
    pointers.set(event.pointerId, now);
  });
  element.addEventListener('wheel', (event) => {
    event.preventDefault();
    gestures.zoom(WHEEL_STEP ** -event.deltaY, event.offsetX, event.offsetY);
  });
  element.addEventListener('dblclick', () => gestures.reset());
  element.addEventListener('contextmenu', (event) => event.preventDefault());
}

type Point = { x: number; y: number };

/** Two fingers: their distance zooms around their middle, and the middle moves the scan. */
function pinch(gestures: Gestures, before: Point, now: Point, other: Point): void {
  const apart = (point: Point) => Math.max(1, Math.hypot(point.x - other.x, point.y - other.y));
  gestures.zoom(apart(now) / apart(before), (now.x + other.x) / 2, (now.y + other.y) / 2);
  gestures.drag((now.x - before.x) / 2, (now.y - before.y) / 2, true);
}
