/** From what was dropped or chosen to files with their paths; folders are searched, hidden files left out. */

export interface OpenedFile {
  file: File;
  /** Folders from the dropped one on, and the name. */
  path: string;
}

/** Suffixes looked for in a folder, and none at all, as a PACS exports files. */
const IN_FOLDER = /(\.(png|jpe?g|dcm|dicom|ima)|\/[^./]+)$/i;

/** Lists the files of a DICOM medium, and begins as they do. */
const DICOM_INDEX = /\/DICOMDIR$/;

/** Return the files of a drop; it must be called while the event is handled, before anything is awaited. */
export async function filesOfDrop(transfer: DataTransfer): Promise<OpenedFile[]> {
  const items = [...transfer.items].filter((item) => item.kind === 'file');
  const roots = items.map((item) => item.webkitGetAsEntry());
  const loose = [...transfer.files];
  if (!roots.some((root) => root?.isDirectory)) return naturalOrder(loose.map((file) => ({ file, path: file.name })));
  const found: OpenedFile[] = [];
  for (const root of roots) if (root) await collect(root, found);
  return naturalOrder(found);
}

/** Return the files of an input element. */
export function filesOfInput(input: HTMLInputElement): OpenedFile[] {
  const files = [...(input.files ?? [])].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
  return naturalOrder(input.webkitdirectory ? files.filter(({ path }) => mayBeScan(`/${path}`)) : files);
}

/** Sort with numbers as numbers: 2.png before 10.png. */
export function naturalOrder(files: OpenedFile[]): OpenedFile[] {
  const { compare } = new Intl.Collator('en', { numeric: true });
  return files.sort((first, second) => compare(first.path, second.path));
}

function mayBeScan(path: string): boolean {
  return !/\/\./.test(path) && IN_FOLDER.test(path) && !DICOM_INDEX.test(path);
}

async function collect(entry: FileSystemEntry, found: OpenedFile[]): Promise<void> {
  const path = entry.fullPath.replace(/^\//, '');
  if (entry.isDirectory) {
    for (const child of await childrenOf(entry as FileSystemDirectoryEntry)) await collect(child, found);
  } else if (mayBeScan(entry.fullPath) || !path.includes('/')) {
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
