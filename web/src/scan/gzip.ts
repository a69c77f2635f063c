/** Files packed by gzip, unpacked within a bound. */

import { BonescanError } from '../error.ts';
import { MAX_PIXELS } from './record.ts';

/** The most pixels, of 32 bit, and 16 MiB for everything else. */
const MAX_UNPACKED_BYTES = 4 * MAX_PIXELS + 2 ** 24;

/** Return the content of a gzip file (RFC 1952). */
export async function unpackGzip(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of unpacked(bytes)) {
      length += part.length;
      if (length > MAX_UNPACKED_BYTES) break;
      parts.push(part);
    }
  } catch {
    throw new BonescanError(`${name}: is damaged (its gzip data cannot be unpacked); copy it again from its source`);
  }
  if (length > MAX_UNPACKED_BYTES) {
    throw new BonescanError(`${name}: unpacks to more than ${MAX_UNPACKED_BYTES >> 20} MiB, too large for a scan`);
  }
  if (!length) throw new BonescanError(`${name}: unpacks to an empty file; copy it again from its source`);
  return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
}

/** Return the beginning of what the first bytes of a gzip file unpack to; empty if they are damaged. */
export async function unpackHead(head: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  try {
    for await (const part of unpacked(head)) return part;
  } catch {
    // the head ends early, as it must
  }
  return new Uint8Array();
}

async function* unpacked(bytes: Uint8Array<ArrayBuffer>): AsyncGenerator<Uint8Array> {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
