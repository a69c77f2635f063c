/** The threshold: boxes of more than this confidence are shown, listed and saved. */

import type { LoadedModel } from '../worker/protocol.ts';
import { clamp } from './display.ts';
import { button, byId } from './page.ts';

export class Threshold {
  private readonly slider = byId('threshold', HTMLInputElement);
  private readonly text = byId('threshold-value', HTMLElement);
  /** In [0, 1]; the slider shows it rounded to its next step. */
  private value = 0;
  /** The threshold that the model comes with. */
  private modelsOwn = 0;

  /** @param onChange called after each change. */
  constructor(private readonly onChange: () => void) {
    this.slider.addEventListener('input', () => this.set(this.slider.valueAsNumber));
    button('model-threshold').addEventListener('click', () => this.set(this.modelsOwn));
  }

  get confidence(): number {
    return this.value;
  }

  /** Start with the threshold that a model comes with. */
  useModel({ floor, card }: LoadedModel): void {
    this.slider.min = `${floor}`;
    this.modelsOwn = card.confidence;
    this.set(card.confidence);
  }

  /** Change it by steps of the slider. */
  step(by: number): void {
    this.set(this.value + by * Number(this.slider.step));
  }

  private set(confidence: number): void {
    const clamped = clamp(confidence, Number(this.slider.min), Number(this.slider.max));
    this.value = Number(clamped.toFixed(4)); // no 0.30000000000000004
    this.slider.valueAsNumber = this.value;
    this.text.textContent = this.value.toFixed(2);
    this.onChange();
  }
}
