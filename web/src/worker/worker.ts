/** The worker: decodes files and runs the model, so that the page never waits. Answers one question after another. */

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { BonescanError, reasonOf } from '../error.ts';
import { sitesOnScan } from '../model/scan-sites.ts';
import { openSession, type Session, setUpRuntime } from '../model/session.ts';
import { toGrey } from '../scan/grey.ts';
import { assess } from '../scan/quality.ts';
import { readBytes, readScans } from '../scan/read.ts';
import { type ShownScan, shown } from '../scan/shown.ts';
import type { FileReading, LoadedModel, Questions, Reply, Request, ScanReading } from './protocol.ts';
import { unpack } from './unpack.ts';

let session: Session | null = null;
let last: Promise<void> = Promise.resolve();

self.onmessage = ({ data }: MessageEvent<Request>) => {
  last = last.then(() => reply(data));
};

async function reply(request: Request): Promise<void> {
  let message: Reply;
  try {
    message = { id: request.id, answer: await answer(request) };
  } catch (error) {
    message = { id: request.id, error: reasonOf(error), isMistake: error instanceof BonescanError };
  }
  self.postMessage(message, { transfer: transferable(message) });
}

function answer(request: Request): Promise<Questions[Request['kind']]['answer']> {
  switch (request.kind) {
    case 'start':
      return start(request);
    case 'model':
      return replaceModel(request.file);
    case 'read':
      return read(request.file, request.path, request.isForced);
    case 'show':
      return show(request.file, request.path);
  }
}

async function start({ wasm, model, modelFile }: Questions['start']['question']): Promise<LoadedModel> {
  const [runtime, bytes] = await Promise.all([unpack(wasm), unpack(model)]);
  setUpRuntime(runtime.buffer);
  return load(bytes, modelFile);
}

async function replaceModel(file: File): Promise<LoadedModel> {
  return load(await readBytes(file, file.name), file.name);
}

/** Load a model; the one before it stays if that fails. */
async function load(bytes: Uint8Array<ArrayBuffer>, file: string): Promise<LoadedModel> {
  const loaded = await openSession(bytes, file);
  await session?.release();
  session = loaded;
  return { file, sha256: bytesToHex(sha256(bytes)), card: loaded.card, floor: loaded.floor };
}

async function read(file: File, path: string, isForced: boolean): Promise<FileReading> {
  if (!session) throw new Error('no model is loaded');
  const { bytes, scans, studyUid } = await readScans(file, path);
  const readings: ScanReading[] = [];
  const refusals: string[] = [];
  for (const [frame, { pixels, ...facts }] of scans.entries()) {
    const doubts = assess({ pixels, ...facts });
    const refusal = doubts.find((doubt) => doubt.refuses);
    if (refusal && !isForced) {
      refusals.push(`${path}${scans.length > 1 ? ` frame ${frame + 1}` : ''}: ${refusal.message}`);
      continue;
    }
    const { bones, ...found } = await session.find(toGrey(pixels).grey, facts.width, facts.height);
    const sites = sitesOnScan(bones, found.boxes, facts);
    readings.push({ ...facts, ...found, sites, doubts, frame, frameCount: scans.length });
  }
  return { sha256: bytesToHex(sha256(bytes)), studyUid, scans: readings, refusals };
}

async function show(file: File, path: string): Promise<ShownScan[]> {
  return (await readScans(file, path)).scans.map(shown);
}

/** The buffers of an answer that need not be copied. */
function transferable(message: Reply): ArrayBuffer[] {
  return 'answer' in message && Array.isArray(message.answer) ? message.answer.map((scan) => scan.pixels.buffer) : [];
}
