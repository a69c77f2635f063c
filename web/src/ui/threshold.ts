/** The threshold: boxes of more than this confidence are shown, listed and saved; each class may have its own. */

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

  /** @param onChange called after each change. */
  constructor(private readonly onChange: () => void) {
    this.slider.addEventListener('input', () => this.set(this.slider.valueAsNumber));
    button('model-threshold').addEventListener('click', () => this.set(this.modelsOwn.abnormal));
  }

  get thresholds(): Thresholds {
    return this.current;
  }

  /** Start with the thresholds that a model comes with. */
  useModel({ floor, card }: LoadedModel): void {
    this.slider.min = `${floor}`;
    const { abnormal, normal } = card.thresholds;
    this.modelsOwn = { abnormal: this.inRange(abnormal), normal: this.inRange(normal) };
    this.set(this.modelsOwn.abnormal);
  }

  /** Change it by steps of the slider. */
  step(by: number): void {
    this.set(this.current.abnormal + by * Number(this.slider.step));
  }

  /** Set the threshold of abnormal boxes; that of normal ones moves with it. */
  private set(abnormal: number): void {
    const { normal } = movedFrom(this.modelsOwn, this.inRange(abnormal), this.range);
    this.current = { abnormal: this.inRange(abnormal), normal: this.inRange(normal) };
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
