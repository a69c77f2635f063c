/** How DICOM files are recognised. */

export const MAGIC = 'DICM';
export const MAGIC_OFFSET = 128; // PS3.10, section 7.1: a preamble of 128 bytes, then the prefix
const SUFFIXES = /\.(dcm|dicom|ima)$/i;

/** Return whether a file is called as DICOM files are; for files whose content does not say what they are. */
export function hasSuffix(path: string): boolean {
  return SUFFIXES.test(path);
}

export function hasPrefix(bytes: Uint8Array): boolean {
  return [...MAGIC].every((letter, index) => bytes[MAGIC_OFFSET + index] === letter.charCodeAt(0));
}
