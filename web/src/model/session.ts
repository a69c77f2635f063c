/** A model ready to read scans: onnxruntime's wasm build, one thread. */

import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { BonescanError } from '../error.ts';
import type { BoneMap } from './box-sites.ts';
import { BOX_COLUMNS } from './boxes.ts';
import type { ModelCard } from './card.ts';
import { ABNORMAL_OUTPUT, BOXES_OUTPUT, REGIONS_OUTPUT, readModelFile } from './file.ts';
import { boneMapOf } from './scan-sites.ts';

/** The lowest threshold that can be chosen; weaker boxes are noise. */
const FLOOR = 0.05;

/** The fourth of onnxruntime's five log levels. */
const ERRORS_ONLY = 3;

export interface FoundBoxes {
  /** (n x 6), best first. */
  boxes: Float32Array<ArrayBuffer>;
  /** Highest confidence of any abnormal box, shown or not. */
  abnormalConfidence: number;
  /** Which bones are under each place of the network's frame; null if the model does not see them. */
  bones: BoneMap | null;
}

export interface Session {
  card: ModelCard;
  /** Boxes come out from this confidence on. */
  floor: number;
  /** Find the hot spots on a scan: grey levels row by row, width and height in pixels. */
  find(grey: Uint8Array, width: number, height: number): Promise<FoundBoxes>;
  /** Free the memory; the session cannot be used afterwards. */
  release(): Promise<void>;
}

/** Set the wasm code, once, before the first session. */
export function setUpRuntime(wasm: ArrayBuffer): void {
  env.logLevel = 'error';
  env.wasm.numThreads = 1; // more need headers that a file opened from disk does not have
  env.wasm.proxy = false;
  env.wasm.wasmBinary = wasm;
}

/** Load a model. A BonescanError says why if it cannot be run here. */
export async function openSession(content: Uint8Array<ArrayBuffer>, name: string): Promise<Session> {
  const { card, bytes, floor } = readModelFile(content, name, FLOOR);
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(bytes, { executionProviders: ['wasm'], logSeverityLevel: ERRORS_ONLY });
  } catch {
    throw new BonescanError(`${name}: is not an ONNX model that can be loaded; export it again`);
  }
  return {
    card,
    floor,
    release: () => session.release(),
    find: async (grey, width, height) => {
      const outputs = await session.run({ scan: new Tensor('uint8', grey, [height, width]) });
      const [boxes, abnormal] = [outputs[BOXES_OUTPUT], outputs[ABNORMAL_OUTPUT]];
      if (!(boxes?.data instanceof Float32Array) || boxes.dims[1] !== BOX_COLUMNS || !abnormal) {
        throw new BonescanError(`${name}: its network returns no boxes; export the model again`);
      }
      const regions = outputs[REGIONS_OUTPUT];
      const bones = regions?.data instanceof Uint8Array ? boneMapOf(regions.data, regions.dims) : null;
      return { boxes: boxes.data.slice(), abnormalConfidence: Number(abnormal.data[0]), bones };
    },
  };
}
