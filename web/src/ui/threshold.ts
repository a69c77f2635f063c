/**
 * The threshold: boxes of more than this confidence are shown, listed and saved; each class may have its own.
 *
 * It is set by the slider, or by the buttons of the operating points if the model has these.
 */

import { nameOf, type OperatingPoints, POINT_NAMES } from '../model/operating-points.ts';
import { movedFrom, type Thresholds, textsOf } from '../model/thresholds.ts';
import type { LoadedModel } from '../worker/protocol.ts';
import { clamp } from './display.ts';
import { button, byId } from './page.ts';

export class Threshold {
  private readonly slider = byId('threshold', HTMLInputElement);
  private readonly text = byId('threshold-value', HTMLElement);
  /** In [0, 1]; the slider shows that of abnormal boxes, rounded to its next step. */
  private current: Thresholds = { abnormal: 0, normal: 0 };
  /** The thresholds that the model comes with, within the slider's range. */
  private modelsOwn: Thresholds = { abnormal: 0, normal: 0 };
  /** The operating points that the model has, any of which can be chosen; null without. */
  private points: OperatingPoints | null = null;

  /** @param onChange called after each change. */
  constructor(private readonly onChange: () => void) {
    this.slider.addEventListener('input', () => this.set(this.slider.valueAsNumber));
    button('model-threshold').addEventListener('click', () => this.start());
    for (const name of POINT_NAMES) {
      button(`point-${name}`).addEventListener('click', () => this.points && this.show(this.points[name]));
    }
  }

  get thresholds(): Thresholds {
    return this.current;
  }

  /** Start with the thresholds that a model comes with. */
  useModel({ floor, card }: LoadedModel): void {
    this.slider.min = `${floor}`;
    const { abnormal, normal } = card.thresholds;
    this.modelsOwn = { abnormal: this.inRange(abnormal), normal: this.inRange(normal) };
    this.points = card.points;
    byId('points', HTMLElement).hidden = !card.points;
    button('model-threshold').hidden = card.points !== null; // the same as Balanced
    this.start();
  }

  /** Change it by steps of the slider. */
  step(by: number): void {
    this.set(this.current.abnormal + by * Number(this.slider.step));
  }

  /** Show boxes above the thresholds that the model comes with. */
  private start(): void {
    this.show(this.points?.balanced ?? this.modelsOwn);
  }

  /** Set the threshold of abnormal boxes; that of normal ones moves with it. */
  private set(abnormal: number): void {
    const { normal } = movedFrom(this.modelsOwn, this.inRange(abnormal), this.range);
    this.show({ abnormal: this.inRange(abnormal), normal: this.inRange(normal) });
  }

  /** Show boxes above thresholds. */
  private show(thresholds: Thresholds): void {
    this.current = thresholds;
    const point = nameOf(this.points, thresholds);
    for (const name of POINT_NAMES) button(`point-${name}`).setAttribute('aria-pressed', `${name === point}`);
    const texts = textsOf(this.current, (value) => value.toFixed(2));
    this.slider.valueAsNumber = this.current.abnormal;
    this.slider.setAttribute('aria-valuetext', texts.join(', '));
    this.text.textContent = texts.join('\n');
    this.onChange();
  }

  private get range(): [number, number] {
    return [Number(this.slider.min), Number(this.slider.max)];
  }

  private inRange(confidence: number): number {
    return Number(clamp(confidence, ...this.range).toFixed(4)); // no 0.30000000000000004
  }
}
