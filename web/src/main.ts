/** Starts the page. */

import { connectDialogs } from './ui/dialogs.ts';
import { byId } from './ui/page.ts';
import { Reader } from './ui/reader.ts';
import { Client } from './worker/client.ts';

const worker = takeText('worker-code');
const client = new Client(worker);
connectDialogs();
const reader = new Reader(client);
reader.connect();
void reader.start({
  wasm: takeText('wasm-data'),
  modelFile: byId('model-data', HTMLScriptElement).dataset.file ?? '',
  model: takeText('model-data'),
});

/** Take a text out of the page, which frees its memory. */
function takeText(id: string): string {
  const element = byId(id, HTMLScriptElement);
  const text = element.textContent ?? '';
  element.textContent = '';
  return text;
}
