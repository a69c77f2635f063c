/** Turns what was dropped or chosen into files with their paths. Folders are searched, hidden files left out. */

import { unpackHead } from '../scan/gzip.ts';
import { HEAD_BYTES, type Kind, kindOf } from '../scan/sniff.ts';

export interface OpenedFile {
  file: File;
  /** Folders from the dropped one on, and the name. */
  path: string;
}

/** Suffixes looked for in a folder. */
const SUFFIXES = /\.(png|jpe?g|dcm|dicom|ima)$/i;

/** The index of a DICOM medium: it begins like DICOM, but has no scan. */
const DICOM_INDEX = /^DICOMDIR(\.|$)/i;

/** Kinds of file that are scans, whatever they are called. */
const KINDS: (Kind | null)[] = ['png', 'jpeg', 'dicom'];

/** What TypeScript does not know yet: Chromium's way to dropped folders, the only one there is for a page opened from disk. */
interface HandleItem {
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null>;
}
interface FolderHandle extends FileSystemHandle {
  values(): AsyncIterable<FileSystemHandle>;
}

/** Return the files of a drop; it must be called while the event is handled, before anything is awaited. */
export async function filesOfDrop(transfer: DataTransfer): Promise<OpenedFile[]> {
  const items = [...transfer.items].filter((item) => item.kind === 'file');
  const entries = items.map((item) => item.webkitGetAsEntry());
  if (!entries.some((entry) => entry?.isDirectory)) {
    return naturalOrder([...transfer.files].map((file) => ({ file, path: file.name })));
  }
  const handles = items.map((item) => (item as HandleItem).getAsFileSystemHandle?.());
  const found: OpenedFile[] = [];
  for (const [index, entry] of entries.entries()) {
    const handle = await handles[index];
    if (handle) await collectHandle(handle, handle.name, found);
    else if (entry) await collectEntry(entry, found);
  }
  return scansAmong(found);
}

/** Return the files of an input element. */
export async function filesOfInput(input: HTMLInputElement): Promise<OpenedFile[]> {
  return scansAmong([...(input.files ?? [])].map((file) => ({ file, path: file.webkitRelativePath || file.name })));
}

/** Return in order what may be a scan: what was named itself, whatever it is called, and the scans in folders. */
async function scansAmong(files: OpenedFile[]): Promise<OpenedFile[]> {
  const mayBe = await Promise.all(files.map(mayBeScan));
  return naturalOrder(files.filter((_, index) => mayBe[index]));
}

/** Files of a folder count by their suffix or, if that says nothing, by their first bytes, as a PACS exports them. */
async function mayBeScan({ file, path }: OpenedFile): Promise<boolean> {
  if (!path.includes('/')) return true;
  if (/(^|\/)\./.test(path) || DICOM_INDEX.test(file.name)) return false;
  if (SUFFIXES.test(file.name) && !/\.png$/i.test(file.name)) return true;
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  const kind = kindOf(head);
  if (SUFFIXES.test(file.name)) return kind !== 'drawing';
  return KINDS.includes(kind === 'gzip' ? kindOf(await unpackHead(head)) : kind);
}

/** Sort with numbers as numbers: 2.png before 10.png. */
function naturalOrder(files: OpenedFile[]): OpenedFile[] {
  const { compare } = new Intl.Collator('en', { numeric: true });
  return files.sort((first, second) => compare(first.path, second.path));
}

async function collectHandle(handle: FileSystemHandle, path: string, found: OpenedFile[]): Promise<void> {
  if (handle.kind === 'directory') {
    for await (const child of (handle as FolderHandle).values())
      await collectHandle(child, `${path}/${child.name}`, found);
  } else {
    found.push({ file: await (handle as FileSystemFileHandle).getFile(), path });
  }
}

async function collectEntry(entry: FileSystemEntry, found: OpenedFile[]): Promise<void> {
  const path = entry.fullPath.replace(/^\//, '');
  if (entry.isDirectory) {
    for (const child of await childrenOf(entry as FileSystemDirectoryEntry)) await collectEntry(child, found);
  } else {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    found.push({ file, path });
  }
}

/** Return all entries of a folder, which the browser hands out in portions. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (!portion.length) return children;
    children.push(...portion);
  }
}
