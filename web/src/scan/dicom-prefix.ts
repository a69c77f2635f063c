/** How DICOM files are recognised. */

export const MAGIC = 'DICM';
export const MAGIC_OFFSET = 128; // PS3.10, section 7.1: a preamble of 128 bytes, then the prefix
const SUFFIXES = /\.(dcm|dicom|ima)$/i;

/** Bytes needed for that, from the start of the file. */
export const DICOM_HEAD_BYTES = MAGIC_OFFSET + MAGIC.length;

/** Return whether a file is DICOM: by its prefix or, for files without one, by its suffix. */
export function isDicom(bytes: Uint8Array, path: string): boolean {
  return hasPrefix(bytes) || SUFFIXES.test(path);
}

export function hasPrefix(bytes: Uint8Array): boolean {
  return [...MAGIC].every((letter, index) => bytes[MAGIC_OFFSET + index] === letter.charCodeAt(0));
}
