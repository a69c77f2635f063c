/** Puts the page's reader where a test can call it in a browser, whose decoder JPEG needs. */

import { type Described, describeFile } from './described.ts';

declare global {
  var readInBrowser: (base64: string, path: string) => Promise<Described>;
}

globalThis.readInBrowser = (base64, path) =>
  describeFile(
    Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)),
    path,
  );
