/** Errors that the page shows, and news for screen readers. */

import { BonescanError, reasonOf } from '../error.ts';
import { byId } from './page.ts';

/** How long an error stays on the screen. */
const MESSAGE_MS = 12_000;

export class Messages {
  private readonly message = byId('message', HTMLElement);
  private readonly status = byId('status', HTMLElement);
  private timer = 0;

  /** Show an error for a while. */
  showError(error: unknown): void {
    this.message.textContent = error instanceof BonescanError ? error.message : `internal error: ${reasonOf(error)}`;
    this.message.hidden = false;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      this.message.hidden = true;
    }, MESSAGE_MS);
  }

  /** Give a text to screen readers only. */
  announce(text: string): void {
    this.status.textContent = text;
  }
}
