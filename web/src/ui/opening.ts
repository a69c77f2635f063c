/** The ways to open files: file dialogs, and dropping on the page. */

import { filesOfDrop, filesOfInput, type OpenedFile } from '../files/drop.ts';
import { byId } from './page.ts';

/** Call `open` with the files of each dialog and each drop, folders still being searched. */
export function listenForFiles(open: (files: Promise<OpenedFile[]>) => void): void {
  for (const id of ['file-input', 'folder-input', 'model-input']) {
    const input = byId(id, HTMLInputElement);
    input.addEventListener('change', () => {
      open(filesOfInput(input));
      input.value = ''; // the same file may be opened again
    });
  }
  listenForDrops(open);
}

function listenForDrops(open: (files: Promise<OpenedFile[]>) => void): void {
  const hint = byId('drop-hint', HTMLElement);
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    hint.hidden = false;
  });
  document.addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) hint.hidden = true;
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    hint.hidden = true;
    if (event.dataTransfer) open(filesOfDrop(event.dataTransfer));
  });
}
