/** Makes small DICOM files of nuclear medicine, explicit VR and little endian (PS3.5, 7.1.2). */

const SIDE = 32;
const PHOTOPEAK: [number, number] = [126, 154];
const SCATTER: [number, number] = [92, 125];

export interface NmFacts {
  /** Views that the items of the Detector Information Sequence name. */
  detectors: string[];
  frames: number;
  /** For each frame the number of its detector, from 1; null leaves the vector out. */
  detector_vector: number[] | null;
  /** The same for the energy window: 1 holds the photopeak, 2 is scatter. */
  window_vector: number[] | null;
  description?: string;
}

/** Return a planar image of 16 bit frames, whose pixels are 0 and 1 by turns. */
export function nmFile(facts: NmFacts): Uint8Array<ArrayBuffer> {
  const meta = element(0x0002, 0x0010, 'UI', text('1.2.840.10008.1.2.1'));
  return joined(
    new Uint8Array(128),
    ascii('DICM'),
    element(0x0002, 0x0000, 'UL', numbers(Uint32Array, [meta.length])),
    meta,
    element(0x0008, 0x0060, 'CS', text('NM')),
    element(0x0008, 0x103e, 'LO', text(facts.description ?? '')),
    element(0x0028, 0x0004, 'CS', text('MONOCHROME2')),
    element(0x0028, 0x0008, 'IS', text(String(facts.frames))),
    element(0x0028, 0x0010, 'US', shorts([SIDE])),
    element(0x0028, 0x0011, 'US', shorts([SIDE])),
    element(0x0028, 0x0100, 'US', shorts([16])),
    ...(facts.window_vector ? [element(0x0054, 0x0010, 'US', shorts(facts.window_vector))] : []),
    sequence(0x0054, 0x0012, [PHOTOPEAK, SCATTER].map(energyWindow)),
    ...(facts.detector_vector ? [element(0x0054, 0x0020, 'US', shorts(facts.detector_vector))] : []),
    sequence(0x0054, 0x0022, facts.detectors.map(detector)),
    element(0x7fe0, 0x0010, 'OW', numbers(Uint32Array, new Array((SIDE * SIDE * facts.frames) / 2).fill(1))),
  );
}

function energyWindow([lower, upper]: [number, number]): Uint8Array {
  const limits = [
    element(0x0054, 0x0014, 'DS', text(String(lower))),
    element(0x0054, 0x0015, 'DS', text(String(upper))),
  ];
  return sequence(0x0054, 0x0013, [joined(...limits)]);
}

function detector(view: string): Uint8Array {
  return sequence(0x0054, 0x0220, [element(0x0008, 0x0104, 'LO', text(view))]);
}

function sequence(group: number, number: number, items: Uint8Array[]): Uint8Array {
  const parts = items.map((item) => joined(shorts([0xfffe, 0xe000]), numbers(Uint32Array, [item.length]), item));
  return element(group, number, 'SQ', joined(...parts));
}

function element(group: number, number: number, vr: string, value: Uint8Array): Uint8Array {
  const length = ['OW', 'SQ'].includes(vr)
    ? joined(shorts([0]), numbers(Uint32Array, [value.length]))
    : shorts([value.length]);
  return joined(shorts([group, number]), ascii(vr), length, value);
}

/** Return a text of an even number of bytes. */
function text(value: string): Uint8Array {
  return ascii(value.length % 2 ? `${value} ` : value);
}

function ascii(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function shorts(values: number[]): Uint8Array {
  return numbers(Uint16Array, values);
}

/** Return numbers as bytes, little endian as every machine that runs the tests is. */
function numbers(kind: Uint16ArrayConstructor | Uint32ArrayConstructor, values: number[]): Uint8Array {
  return new Uint8Array(new kind(values).buffer);
}

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
